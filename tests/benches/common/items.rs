//! What exporters encode: requests to a shop, as the middleware records them and as OpenTelemetry's SDK does.
//!
//! Ids depend on the request's number alone, and times on it and on the current hour: exporters replace times that
//! Application Insights refuses. So runs of an hour compress the same texts.

use std::time::{Duration, SystemTime};

use opencensus_core::{
    Header, HttpVersion, Outcome, RequestHead, RequestRecord, SamplingRate, SpanId, TraceContext, TraceFlags, TraceId,
};
use opentelemetry::trace::{
    SpanContext, SpanId as OtelSpanId, SpanKind, Status, TraceFlags as OtelTraceFlags, TraceId as OtelTraceId,
    TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

struct Head {
    path: String,
}

impl RequestHead for Head {
    fn method(&self) -> &str {
        "GET"
    }
    fn path(&self) -> &str {
        &self.path
    }
    fn query(&self) -> Option<&str> {
        Some("page=2")
    }
    fn scheme(&self) -> Option<&str> {
        Some("https")
    }
    fn host(&self) -> Option<&[u8]> {
        Some(b"shop.example")
    }
    fn route(&self) -> Option<&str> {
        Some("/users/{id}")
    }
    fn user_agent(&self) -> Option<&[u8]> {
        Some(USER_AGENT.as_bytes())
    }
    fn peer(&self) -> Option<std::net::SocketAddr> {
        Some(([203, 0, 113, 7], 40_000).into())
    }
    fn version(&self) -> HttpVersion {
        HttpVersion::Http11
    }
    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}

/// Bytes that compress as badly as random ones (SplitMix64).
fn id(n: usize, part: u64) -> [u8; 8] {
    let mut bits = (n as u64 * 4 + part + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)).to_be_bytes()
}

/// The `n`th request, with its own ids, path and duration.
pub(crate) fn record(n: usize) -> RequestRecord {
    let head = Head { path: format!("/users/{}", n * 7919 % 100_000) };
    let trace = [id(n, 0), id(n, 1)].concat().try_into().expect("16 bytes");
    let span = |part| SpanId::from_bytes(id(n, part));
    let context = TraceContext::new(TraceId::from_bytes(trace), span(2), TraceFlags::SAMPLED);
    let mut record = RequestRecord::new(context, Some(span(3)), SamplingRate::ALL, &head);
    record.set_start(hour() + Duration::from_micros(n as u64 * 1013));
    record.set_end(Duration::from_micros(700 + (n * 37 % 5000) as u64), Some(200), Outcome::Completed);
    record
}

/// The begin of the current hour.
fn hour() -> SystemTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970").as_secs();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since - since % 3600)
}

/// The same as a span of OpenTelemetry's SDK. What comes from the request is owned, as instrumentation records it.
pub(crate) fn span(n: usize) -> SpanData {
    let record = record(n);
    let context = record.context();
    SpanData {
        span_context: SpanContext::new(
            OtelTraceId::from_bytes(context.trace_id().to_bytes()),
            OtelSpanId::from_bytes(context.span_id().to_bytes()),
            OtelTraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: OtelSpanId::from_bytes(record.parent().expect("a parent").to_bytes()),
        parent_span_is_remote: true,
        span_kind: SpanKind::Server,
        name: "GET /users/{id}".into(),
        start_time: record.start(),
        end_time: record.start() + record.duration(),
        attributes: vec![
            KeyValue::new("http.request.method", "GET"),
            KeyValue::new("url.scheme", "https"),
            KeyValue::new("url.path", record.path().into_owned()),
            KeyValue::new("url.query", "page=2".to_owned()),
            KeyValue::new("server.address", "shop.example".to_owned()),
            KeyValue::new("http.route", "/users/{id}".to_owned()),
            KeyValue::new("http.response.status_code", 200),
            KeyValue::new("client.address", "203.0.113.7".to_owned()),
            KeyValue::new("user_agent.original", USER_AGENT.to_owned()),
        ],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("bench").build(),
    }
}
