//! OpenTelemetry's spans as envelopes, compared with those of Microsoft's exporters.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_core::{Batch, Exporter as _, QueryRedaction, Resource};
use opencensus_opentelemetry::PipelineSpanExporter;
use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState as OtelTraceState,
};
use opentelemetry::{Array, InstrumentationScope, KeyValue, Value as OtelValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use serde_json::Value;

use test_support::vectors::{self, Row};

use crate::schema::{tag_limit, violations};

const KEY: &str = "1234abcd-5678-4efa-8abc-1234567890ab";

fn time(nanos: &Value) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos.as_str().unwrap().parse().unwrap())
}

fn otel_value(value: &Value) -> OtelValue {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.as_i64().map_or_else(|| number.as_f64().unwrap().into(), OtelValue::I64),
        Value::String(text) => text.clone().into(),
        Value::Array(values) if values.iter().all(Value::is_i64) && !values.is_empty() => {
            OtelValue::Array(Array::I64(values.iter().map(|value| value.as_i64().unwrap()).collect()))
        }
        Value::Array(values) if values.iter().all(Value::is_boolean) && !values.is_empty() => {
            OtelValue::Array(Array::Bool(values.iter().map(|value| value.as_bool().unwrap()).collect()))
        }
        Value::Array(values) if values.iter().all(Value::is_number) && !values.is_empty() => {
            OtelValue::Array(Array::F64(values.iter().map(|value| value.as_f64().unwrap()).collect()))
        }
        Value::Array(values) => OtelValue::Array(Array::String(
            values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).into()).collect(),
        )),
        other => panic!("{other}"),
    }
}

fn attributes(attributes: &Value) -> Vec<KeyValue> {
    let pairs = attributes.as_object().into_iter().flatten();
    pairs.map(|(key, value)| KeyValue::new(key.clone(), otel_value(value))).collect()
}

fn context(trace: &Value, span: &Value) -> SpanContext {
    SpanContext::new(
        TraceId::from_hex(trace.as_str().unwrap()).unwrap(),
        SpanId::from_hex(span.as_str().unwrap()).unwrap(),
        TraceFlags::SAMPLED,
        false,
        OtelTraceState::default(),
    )
}

fn span_data(span: &Value) -> SpanData {
    let mut events = SpanEvents::default();
    events.events = span["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let name = event["name"].as_str().unwrap().to_owned();
            Event::new(name, time(&event["time_unix_ns"]), attributes(&event["attributes"]), 0)
        })
        .collect();
    let mut links = SpanLinks::default();
    let of_link = |link: &Value| Link::new(context(&link["trace_id"], &link["span_id"]), Vec::new(), 0);
    links.links = span["links"].as_array().unwrap().iter().map(of_link).collect();
    SpanData {
        span_context: context(&span["trace_id"], &span["span_id"]),
        parent_span_id: span["parent_span_id"].as_str().map_or(SpanId::INVALID, |id| SpanId::from_hex(id).unwrap()),
        parent_span_is_remote: span["parent_remote"].as_bool().unwrap(),
        span_kind: match span["kind"].as_str().unwrap() {
            "SERVER" => SpanKind::Server,
            "CLIENT" => SpanKind::Client,
            "PRODUCER" => SpanKind::Producer,
            "CONSUMER" => SpanKind::Consumer,
            _ => SpanKind::Internal,
        },
        name: span["name"].as_str().unwrap().to_owned().into(),
        start_time: time(&span["start_unix_ns"]),
        end_time: time(&span["end_unix_ns"]),
        attributes: attributes(&span["attributes"]),
        dropped_attributes_count: 0,
        events,
        links,
        status: match span["status"]["code"].as_str().unwrap() {
            "OK" => Status::Ok,
            "ERROR" => Status::error(span["status"]["description"].as_str().unwrap_or_default().to_owned()),
            _ => Status::Unset,
        },
        instrumentation_scope: InstrumentationScope::builder("test").build(),
    }
}

/// The envelopes of a span and its events.
fn envelopes(span: &Value) -> Vec<Value> {
    let connection: ConnectionString = format!("InstrumentationKey={KEY}").parse().unwrap();
    let now = time(&span["start_unix_ns"]);
    let mut exporter = AzureExporter::new(&connection, &Resource::default()).unwrap().with_clock(move || now);
    let mut resource = Resource::default();
    for (key, value) in span["resource"].as_object().into_iter().flatten() {
        resource.set(key.clone(), value.as_str().unwrap_or_default());
    }
    let mut batch = Batch::default();
    for item in PipelineSpanExporter::telemetry_items(span_data(span), &Arc::new(resource)) {
        exporter.encode(item, &mut batch).unwrap();
    }
    let text = String::from_utf8(batch.bytes().to_vec()).unwrap();
    let mut envelopes: Vec<Value> = serde_json::from_str(&format!("[{}]", text.trim_start_matches(',')))
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    // The key is added when the batch is sent.
    envelopes.iter_mut().for_each(|envelope| envelope["iKey"] = KEY.into());
    envelopes
}

/// Expands `$rle`, a run-length encoding of long texts, and `$pairs`, objects with long keys.
fn unpacked(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(unpacked).collect(),
        Value::Object(members) => {
            if let Some(runs) = members.get("$rle") {
                let runs = runs.as_array().unwrap().iter();
                let text = runs.map(|run| run[0].as_str().unwrap().repeat(run[1].as_u64().unwrap() as usize));
                return Value::String(text.collect());
            }
            if let Some(pairs) = members.get("$pairs") {
                let pairs = pairs.as_array().unwrap().iter().map(|pair| (unpacked(&pair[0]), unpacked(&pair[1])));
                return Value::Object(pairs.map(|(key, value)| (key.as_str().unwrap().to_owned(), value)).collect());
            }
            Value::Object(members.iter().map(|(key, value)| (key.clone(), unpacked(value))).collect())
        }
        other => other.clone(),
    }
}

/// Whether two leaves are equal. Values that depend on the machine and trailing zeros of durations are
/// ignored.
fn agree(ours: Option<&Value>, theirs: &Value) -> bool {
    let Some(ours) = ours else { return false };
    let is_masked = theirs.as_str().is_some_and(|text| text.starts_with('<') && text.ends_with('>'));
    let same_number = ours.as_f64().is_some() && ours.as_f64() == theirs.as_f64();
    let same_duration = match (ours.as_str(), theirs.as_str()) {
        (Some(ours), Some(theirs)) => theirs.matches(':').count() == 2 && ours.trim_end_matches('0') == theirs,
        _ => false,
    };
    is_masked || ours == theirs || same_number || same_duration
}

/// The reason of the rule by which this exporter differs from both of Microsoft's in this leaf, if one applies.
/// `now` is the time of the test's clock.
fn rule(now: Option<&str>, path: &str, ours: Option<&Value>, theirs: &Value) -> Option<&'static str> {
    let expected = theirs.as_str()?;
    let found = ours.and_then(Value::as_str).unwrap_or_default();
    let units = |text: &str| text.encode_utf16().count();
    let leaf = path.rsplit('/').next().unwrap_or_default();
    let is_required = matches!(leaf, "name" | "message" | "ai.operation.name");
    if expected.trim().is_empty() && is_required {
        return Some("the service refuses an empty name or message: a placeholder is sent");
    }
    let days = expected.split('.').next().and_then(|days| days.parse::<u64>().ok());
    if leaf == "duration" && days.is_some_and(|days| days >= 1000) {
        return Some("the schema allows less than 1000 days: the longest duration is sent");
    }
    if leaf == "time" && Some(found) == now {
        return Some("the service refuses times outside of a window: the current time is sent");
    }
    if path.contains("/properties/") && units(leaf) > 150 {
        return Some("the schema's key has 150 UTF-16 units: the key is cut");
    }
    if tag_limit(leaf).is_some_and(|limit| units(expected) > limit) && expected.starts_with(found) && !found.is_empty()
    {
        return Some("the schema limits tags: the value is cut");
    }
    let redacted = [QueryRedaction::Secrets.apply_to_url(expected), QueryRedaction::Secrets.apply_to_text(expected)];
    if redacted.iter().any(|redacted| redacted == found && redacted != expected) {
        return Some("secrets in URLs are redacted");
    }
    let shortened = found.strip_suffix('…');
    if shortened.is_some_and(|shortened| expected.starts_with(shortened) && units(expected) > 1024) {
        return Some("the service refuses items above 64 KiB: the longest texts are shortened");
    }
    None
}

/// The form of an attribute that OpenTelemetry's SDK for Rust does not have.
fn unknown_form(span: &Value) -> Option<&'static str> {
    let values = || [&span["attributes"], &span["resource"]].into_iter().filter_map(Value::as_object).flatten();
    let events = span["events"].as_array().into_iter().flatten();
    let of_events = events.filter_map(|event| event["attributes"].as_object()).flatten();
    values().chain(of_events).find_map(|(_, value)| match value {
        Value::Null => Some("attribute without a value"),
        Value::Object(_) => Some("attribute with a map"),
        _ => None,
    })
}

fn compare(row: &Value) -> Row {
    let Some(paths) = row["same_in_both"].as_array().filter(|_| row["javascript"]["envelopes"].is_array()) else {
        return Row::Undecided;
    };
    if let Some(form) = unknown_form(&unpacked(&row["span"])) {
        return Row::Skipped(form.to_owned());
    }
    let id = row["id"].as_str().unwrap();
    let span = unpacked(&row["span"]);
    let ours = Value::from(envelopes(&span));
    let theirs = unpacked(&row["javascript"]["envelopes"]);
    let (mut faults, mut deliberate) = (Vec::new(), None);
    for path in paths.iter().map(|path| path.as_str().unwrap()) {
        let expected = theirs.pointer(path).unwrap_or_else(|| panic!("{id}: {path}"));
        if agree(ours.pointer(path), expected) {
            continue;
        }
        if let Some(reason) = rule(ours[0]["time"].as_str(), path, ours.pointer(path), expected) {
            deliberate = Some(reason);
        } else {
            let start = |text: String| text.chars().take(120).collect::<String>();
            let (found, expected) = (start(format!("{:?}", ours.pointer(path))), start(expected.to_string()));
            faults.push(format!("{}: {found} instead of {expected}", start(path.to_owned())));
        }
    }
    faults.extend(ours.as_array().unwrap().iter().flat_map(violations));
    match (faults.is_empty(), deliberate) {
        (false, _) => Row::Failed(faults.join("; ")),
        (true, Some(reason)) => Row::Deliberate(reason),
        (true, None) => Row::Passed,
    }
}

#[test]
fn spans_are_sent_as_by_both_of_microsofts_exporters_within_the_schema() {
    vectors::run("azure/spans.json", "rows", compare);
    vectors::run("azure/truncation.json", "rows", compare);
}
