//! Records and OpenTelemetry's data, both ways.

use std::borrow::Cow;

use opencensus_core::{
    Attribute, OutcomeKind, RequestRecord, SpanId, SpanStatus, TraceContext, TraceFlags, TraceId, Value,
};
use opentelemetry::trace::{Event, Link, SpanContext, SpanId as OtelSpanId, SpanKind, Status};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value as OtelValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::context::span_context;

/// A finished request as OpenTelemetry's exporters want it: a span of kind server with the
/// attributes of the stable HTTP conventions (1.42), and with its rate in `tracestate` (`ot=th`).
#[must_use]
pub fn span_data(record: &RequestRecord, scope: &InstrumentationScope) -> SpanData {
    let mut events = SpanEvents::default();
    events.events = record.events().iter().map(event).collect();
    let mut links = SpanLinks::default();
    links.links = record.links().iter().map(link).collect();
    SpanData {
        span_context: span_context(record.context(), record.trace_state_with_rate().as_ref(), false),
        parent_span_id: record.parent().map_or(OtelSpanId::INVALID, |id| OtelSpanId::from_bytes(id.to_bytes())),
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
    let mut add = |key: &'static str, value: OtelValue| attributes.push(KeyValue::new(key, value));
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
            add("server.port", OtelValue::I64(port.into()));
        }
    }
    if let Some(status) = record.status() {
        add("http.response.status_code", OtelValue::I64(status.into()));
    }
    add("network.protocol.version", record.version().as_str().into());
    if let Some(client) = record.client_address() {
        add("client.address", client.to_string().into());
    }
    if let Some(peer) = record.peer() {
        add("network.peer.address", peer.ip().to_canonical().to_string().into());
        add("network.peer.port", OtelValue::I64(peer.port().into()));
    }
    if let Some(user_agent) = record.user_agent() {
        add("user_agent.original", text(user_agent));
    }
    if let Some(error) = error_type(record) {
        add("error.type", text(error));
    }
    attributes.extend(record.attributes().iter().map(key_value));
    attributes
}

/// OpenTelemetry's rule for servers: 5xx and broken requests are errors, 4xx are not.
fn status(record: &RequestRecord) -> Status {
    match record.span_status() {
        SpanStatus::Ok => Status::Ok,
        SpanStatus::Error(description) => Status::error(description.clone()),
        _ if error_type(record).is_some() => Status::error(record.outcome().detail().unwrap_or_default().to_owned()),
        _ => Status::Unset,
    }
}

fn error_type(record: &RequestRecord) -> Option<Cow<'_, str>> {
    match (record.outcome().kind(), record.status()) {
        (OutcomeKind::Completed, Some(status)) if status >= 500 => Some(status.to_string().into()),
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

fn text(text: Cow<'_, str>) -> OtelValue {
    OtelValue::String(text.into_owned().into())
}

fn event(event: &opencensus_core::Event) -> Event {
    Event::new(event.name.clone(), event.time, event.attributes.iter().map(key_value).collect(), 0)
}

fn link(link: &opencensus_core::Link) -> Link {
    Link::new(span_context(link.context, None, true), link.attributes.iter().map(key_value).collect(), 0)
}

fn key_value(attribute: &Attribute) -> KeyValue {
    KeyValue::new(attribute.key.clone(), value_to(&attribute.value))
}

fn value_to(value: &Value) -> OtelValue {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::F64(value) => (*value).into(),
        Value::List(values) => OtelValue::Array(array(values)),
        value => value.to_string().into(),
    }
}

/// Values of one type stay what they are; mixed ones become texts, as OpenTelemetry has no mixed
/// arrays.
fn array(values: &[Value]) -> Array {
    fn all<T>(values: &[Value], pick: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        values.iter().map(pick).collect::<Option<Vec<T>>>().filter(|values| !values.is_empty())
    }
    let bools = || all(values, |value| if let Value::Bool(value) = value { Some(*value) } else { None });
    let numbers = || all(values, |value| if let Value::I64(value) = value { Some(*value) } else { None });
    let floats = || all(values, |value| if let Value::F64(value) = value { Some(*value) } else { None });
    let texts = || values.iter().map(|value| StringValue::from(value.to_string())).collect();
    None.or_else(|| bools().map(Array::Bool))
        .or_else(|| numbers().map(Array::I64))
        .or_else(|| floats().map(Array::F64))
        .unwrap_or_else(|| Array::String(texts()))
}

/// An SDK's resource as ours.
pub(crate) fn resource(of_sdk: &opentelemetry_sdk::Resource) -> opencensus_core::Resource {
    let mut resource = opencensus_core::Resource::default();
    of_sdk.iter().for_each(|(key, value)| resource.set(key.as_str(), value.as_str()));
    resource
}

pub(crate) fn attribute(key_value: KeyValue) -> Attribute {
    Attribute::new(String::from(key_value.key), value_from(key_value.value))
}

fn value_from(value: OtelValue) -> Value {
    match value {
        OtelValue::Bool(value) => value.into(),
        OtelValue::I64(value) => value.into(),
        OtelValue::F64(value) => value.into(),
        OtelValue::Array(Array::Bool(values)) => list(values),
        OtelValue::Array(Array::I64(values)) => list(values),
        OtelValue::Array(Array::F64(values)) => list(values),
        OtelValue::Array(Array::String(values)) => list(values.into_iter().map(String::from)),
        value => Value::from(value.as_str().into_owned()),
    }
}

fn list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    Value::List(values.into_iter().map(Into::into).collect())
}

pub(crate) fn trace_context(context: &SpanContext) -> TraceContext {
    TraceContext::new(
        TraceId::from_bytes(context.trace_id().to_bytes()),
        SpanId::from_bytes(context.span_id().to_bytes()),
        TraceFlags::from_bits(context.trace_flags().to_u8()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_from_ipv6_colons() {
        assert_eq!(split_port("shop:8080"), ("shop", Some(8080)));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some(80)));
        assert_eq!(split_port("::1"), ("::1", None));
        assert_eq!(split_port("shop"), ("shop", None));
    }

    #[test]
    fn values_go_both_ways() {
        let pairs = [
            KeyValue::new("a", true),
            KeyValue::new("b", 7),
            KeyValue::new("c", 0.5),
            KeyValue::new("d", "text"),
            KeyValue::new("f", OtelValue::Array(Array::I64(vec![1, 2]))),
            KeyValue::new("e", OtelValue::Array(Array::String(vec!["x".into(), "y".into()]))),
        ];
        for pair in pairs {
            assert_eq!(key_value(&attribute(pair.clone())), pair);
        }
    }
}
