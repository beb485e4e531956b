//! The requests that are exported: each has its own ids, path, duration and time.

use std::time::{Duration, SystemTime};

use opencensus_core::{Header, HttpVersion, Outcome, RequestHead, RequestRecord, SamplingRate, SpanId, TraceContext};
use opentelemetry::trace::{
    SpanContext, SpanId as OtelSpanId, SpanKind, Status, TraceFlags, TraceId as OtelTraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// A request to a shop.
struct Head {
    path: String,
    user_agent: &'static str,
}

const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

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
        Some(self.user_agent.as_bytes())
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

pub(crate) fn record(n: usize) -> RequestRecord {
    let head = Head { path: format!("/users/{}", n * 7919 % 100_000), user_agent: USER_AGENT };
    let mut record = RequestRecord::new(TraceContext::root(), Some(SpanId::random()), SamplingRate::ALL, &head);
    record.set_start(SystemTime::now());
    record.set_end(Duration::from_micros(700 + (n * 37 % 5000) as u64), Some(200), Outcome::Completed);
    record
}

/// What comes from the request is owned, as instrumentation records it; names, methods and schemes are static.
fn owned(text: &str) -> String {
    text.to_owned()
}

pub(crate) fn span(n: usize) -> SpanData {
    let record = record(n);
    let context = record.context();
    SpanData {
        span_context: SpanContext::new(
            OtelTraceId::from_bytes(context.trace_id().to_bytes()),
            OtelSpanId::from_bytes(context.span_id().to_bytes()),
            TraceFlags::SAMPLED,
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
            KeyValue::new("url.query", owned("page=2")),
            KeyValue::new("server.address", owned("shop.example")),
            KeyValue::new("http.route", owned("/users/{id}")),
            KeyValue::new("http.response.status_code", 200),
            KeyValue::new("client.address", owned("203.0.113.7")),
            KeyValue::new("user_agent.original", owned(USER_AGENT)),
        ],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("bench").build(),
    }
}
