//! Converts finished requests to OpenTelemetry's span data.

use std::borrow::Cow;

use opencensus_core::{OutcomeKind, RequestRecord, SpanStatus};
use opentelemetry::trace::{Event, Link, SpanId, SpanKind, Status};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::attribute::to_key_value;
use crate::span_context::span_context;

/// The attribute with the type of the error that ended a request.
const ERROR_TYPE: &str = "error.type";

/// Converts a finished request to a span of kind server. Its attributes follow the stable HTTP
/// conventions (1.42), and `ot=th` in its `tracestate` records the sampling rate.
pub(crate) fn span_data(record: &RequestRecord, scope: &InstrumentationScope) -> SpanData {
    let mut events = SpanEvents::default();
    events.events = record.events().iter().map(event).collect();
    let mut links = SpanLinks::default();
    links.links = record.links().iter().map(link).collect();
    SpanData {
        span_context: span_context(record.context(), record.trace_state_with_rate().as_ref(), false),
        parent_span_id: record.parent().map_or(SpanId::INVALID, |id| SpanId::from_bytes(id.to_bytes())),
        parent_span_is_remote: record.parent().is_some(),
        span_kind: SpanKind::Server,
        name: record.name().into_owned().into(),
        start_time: record.start(),
        end_time: record.start() + record.duration(),
        attributes: attributes(record),
        dropped_attributes_count: record.left_out(),
        events,
        links,
        status: status(record),
        instrumentation_scope: scope.clone(),
    }
}

fn attributes(record: &RequestRecord) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(12 + record.attributes().len());
    let mut add = |key: &'static str, value: Value| attributes.push(KeyValue::new(key, value));
    add("http.request.method", text(record.method()));
    if record.method() == "_OTHER" {
        add("http.request.method_original", text(record.original_method()));
    }
    add("url.scheme", text(record.scheme()));
    add("url.path", text(record.path()));
    if let Some(query) = record.query() {
        add("url.query", text(query));
    }
    if let Some(route) = record.route() {
        add("http.route", text(route));
    }
    if let Some(host) = record.host() {
        let (name, port) = split_port(&host);
        add("server.address", text(Cow::Borrowed(name)));
        if let Some(port) = port {
            add("server.port", Value::I64(port.into()));
        }
    }
    if let Some(status) = record.status() {
        add("http.response.status_code", Value::I64(status.into()));
    }
    if let Some(status) = record.grpc_status() {
        add("rpc.system.name", "grpc".into());
        add("rpc.response.status_code", status.name().into());
    }
    add("network.protocol.version", record.version().as_str().into());
    if let Some(client) = record.client_address() {
        add("client.address", client.to_string().into());
    }
    if let Some(peer) = record.peer() {
        add("network.peer.address", peer.ip().to_canonical().to_string().into());
        add("network.peer.port", Value::I64(peer.port().into()));
    }
    if let Some(user_agent) = record.user_agent() {
        add("user_agent.original", text(user_agent));
    }
    let is_known = record.attributes().iter().any(|attribute| attribute.key == ERROR_TYPE);
    if let Some(error) = error_type(record).filter(|_| !is_known) {
        add(ERROR_TYPE, text(error));
    }
    attributes.extend(record.attributes().iter().map(to_key_value));
    attributes
}

/// OpenTelemetry's rule for servers: 5xx and requests that did not complete are errors, 4xx are not.
fn status(record: &RequestRecord) -> Status {
    match record.span_status() {
        SpanStatus::Ok => Status::Ok,
        SpanStatus::Error(description) => Status::error(description.clone()),
        _ if error_type(record).is_some() => Status::error(record.outcome().detail().unwrap_or_default().to_owned()),
        _ => Status::Unset,
    }
}

fn error_type(record: &RequestRecord) -> Option<Cow<'_, str>> {
    match (record.outcome().kind(), record.effective_status()) {
        (OutcomeKind::Completed, Some(status)) if status >= 500 => {
            let of_call = record.grpc_status().map(|status| status.name().into());
            Some(of_call.unwrap_or_else(|| status.to_string().into()))
        }
        (OutcomeKind::Completed, _) => None,
        (OutcomeKind::Error, _) => Some(record.outcome().detail().unwrap_or("_OTHER").into()),
        (kind, _) => Some(kind.as_str().into()),
    }
}

fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':').map(|(name, port)| (name, port.parse())) {
        Some((name, Ok(port))) if !name.is_empty() && (!name.contains(':') || name.ends_with(']')) => {
            (name, Some(port))
        }
        _ => (host, None),
    }
}

fn text(text: Cow<'_, str>) -> Value {
    Value::String(text.into_owned().into())
}

fn event(event: &opencensus_core::Event) -> Event {
    Event::new(event.name.clone(), event.time, event.attributes.iter().map(to_key_value).collect(), 0)
}

fn link(link: &opencensus_core::Link) -> Link {
    Link::new(span_context(link.context, None, true), link.attributes.iter().map(to_key_value).collect(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_of_ipv6_addresses_are_not_taken_for_ports() {
        assert_eq!(split_port("shop:8080"), ("shop", Some(8080)));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some(80)));
        assert_eq!(split_port("::1"), ("::1", None));
        assert_eq!(split_port("shop"), ("shop", None));
    }
}
