//! What the fields of Application Insights' request telemetry hold.

use std::borrow::Cow;
use std::fmt::Write as _;

use opencensus_core::{OutcomeKind, RequestRecord, SpanStatus, Value};

use crate::envelope::limits;

/// What the user agent of Azure's availability tests contains.
const AVAILABILITY_TEST: &str = "AlwaysOn";

/// Writes `scheme://host/path?query` to `url`, which is emptied first. Nothing is written if the
/// host is unknown. The default port is left out.
pub(crate) fn write_url(url: &mut String, record: &RequestRecord) {
    url.clear();
    let Some(host) = record.host() else { return };
    let scheme = record.scheme();
    let host = without_default_port(&host, &scheme);
    let path = record.path();
    // `OPTIONS *` and `CONNECT` name no path.
    let slash = if path.starts_with('/') || path.is_empty() || path == "*" { "" } else { "/" };
    url.extend([&*scheme, "://", host, slash, if path == "*" { "/*" } else { &*path }]);
    if let Some(query) = record.query() {
        url.extend(["?", &*query]);
    }
}

fn without_default_port<'a>(host: &'a str, scheme: &str) -> &'a str {
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return host,
    };
    host.strip_suffix(port).unwrap_or(host)
}

/// The client's address.
pub(crate) fn write_client_address(address: &mut String, record: &RequestRecord) {
    address.clear();
    if let Some(client) = record.client_address() {
        let _ = write!(address, "{client}");
    }
}

/// The tag that an attribute goes to instead of the properties, and its longest value.
pub(crate) fn tag_of(key: &str) -> Option<(&'static str, usize)> {
    match key {
        "user.id" => Some(("ai.user.authUserId", limits::TAG_USER_AUTH_ID)),
        "session.id" => Some(("ai.session.id", limits::TAG_SESSION_ID)),
        _ => None,
    }
}

/// Whether an attribute is a number to calculate with, and goes to the measurements.
pub(crate) fn is_measurement(key: &str) -> bool {
    matches!(key, "http.request.body.size" | "http.response.body.size")
}

/// Writes a value to `text`, which is emptied first. A list of one is that one: most headers have one line.
pub(crate) fn write_value(text: &mut String, value: &Value) {
    text.clear();
    let _ = match value {
        Value::List(values) if values.len() == 1 => write!(text, "{}", values[0]),
        value => write!(text, "{value}"),
    };
}

/// Whether no human stands behind a request: OpenTelemetry's `user_agent.synthetic.type` says so, or
/// the user agent is that of Azure's availability tests.
pub(crate) fn is_synthetic(record: &RequestRecord) -> bool {
    let is_told = record.attributes().iter().any(|attribute| {
        attribute.key == "user_agent.synthetic.type" && matches!(attribute.value.to_string().as_str(), "bot" | "test")
    });
    is_told || record.user_agent().is_some_and(|user_agent| user_agent.contains(AVAILABILITY_TEST))
}

/// Properties that the envelope's own fields do not hold already, beside the application's own.
pub(crate) fn own_properties(record: &RequestRecord) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
    let outcome = record.outcome();
    let kind = outcome.kind();
    let outcome_name = (kind != OutcomeKind::Completed).then(|| ("outcome", Cow::Borrowed(kind.as_str())));
    let detail_key = if kind == OutcomeKind::Panicked { "exception.message" } else { "error.type" };
    let detail = outcome.detail().map(|detail| (detail_key, Cow::Borrowed(detail)));
    let method = (record.method() == "_OTHER").then(|| ("http.request.method_original", record.original_method()));
    let error = match record.span_status() {
        SpanStatus::Error(text) if !text.is_empty() => Some(("error.message", Cow::Borrowed(&**text))),
        _ => None,
    };
    let links = (!record.links().is_empty()).then(|| ("_MS.links", Cow::Owned(links(record))));
    let events = (!record.events().is_empty()).then(|| ("events", Cow::Owned(events(record))));
    let rate = (!record.is_rate_known()).then_some(("sample_rate", Cow::Borrowed("unknown")));
    let left_out = (record.left_out() > 0).then(|| ("left_out", Cow::Owned(record.left_out().to_string())));
    [outcome_name, detail, method, error, links, events, rate, left_out].into_iter().flatten()
}

/// As many links as a property holds: the notation of Microsoft's exporters, without blanks.
fn links(record: &RequestRecord) -> String {
    let mut text = String::from("[");
    for link in record.links() {
        // 83 characters at most; 98 of them fit.
        if text.len() + 84 > crate::envelope::limits::PROPERTY_VALUE {
            break;
        }
        let comma = if text.len() > 1 { "," } else { "" };
        let (trace, span) = (link.context.trace_id(), link.context.span_id());
        let _ = write!(text, "{comma}{{\"operation_Id\":\"{trace}\",\"id\":\"{span}\"}}");
    }
    text.push(']');
    text
}

/// Names of the events with their attributes, one a line.
fn events(record: &RequestRecord) -> String {
    let mut text = String::new();
    for event in record.events() {
        text.extend([if text.is_empty() { "" } else { "\n" }, &*event.name]);
        for attribute in &event.attributes {
            let _ = write!(text, " {}={}", attribute.key, attribute.value);
        }
    }
    text
}
