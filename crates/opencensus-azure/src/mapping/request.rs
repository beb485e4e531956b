//! What the fields of the middleware's own requests hold.

use std::borrow::Cow;
use std::fmt::Write as _;

use opencensus_core::{Origin, OutcomeKind, RequestRecord, SpanStatus, TelemetryItem};

/// Writes `scheme://host/path?query` to `url`, which is emptied first. Nothing is written if the
/// host is unknown. The default port is left out.
pub(crate) fn write_url(url: &mut String, record: &RequestRecord) {
    url.clear();
    let Some(host) = record.host() else { return };
    let scheme = record.scheme();
    let host = super::without_default_port(&host, &scheme);
    let path = record.path();
    // `OPTIONS *` and `CONNECT` name no path.
    let slash = if path.starts_with('/') || path.is_empty() || path == "*" { "" } else { "/" };
    url.extend([&*scheme, "://", host, slash, if path == "*" { "/*" } else { &*path }]);
    if let Some(query) = record.query() {
        url.extend(["?", &*query]);
    }
}

/// The client's address.
pub(crate) fn write_client_address(address: &mut String, record: &RequestRecord) {
    address.clear();
    if let Some(client) = record.client_address() {
        let _ = write!(address, "{client}");
    }
}

/// Whether no human stands behind a request: OpenTelemetry's `user_agent.synthetic.type` says so, or
/// the user agent is that of Azure's availability tests.
pub(crate) fn is_synthetic(record: &RequestRecord) -> bool {
    let is_told = record
        .attributes()
        .iter()
        .any(|attribute| attribute.key == super::SYNTHETIC_TYPE && super::is_synthetic_type(&attribute.value));
    is_told || record.user_agent().is_some_and(|user_agent| super::is_availability_test(&user_agent))
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
    let links = (!record.links().is_empty()).then(|| ("_MS.links", Cow::Owned(super::links(record.links()))));
    let rate = (!record.is_rate_known()).then_some(("sample_rate", Cow::Borrowed("unknown")));
    let left_out = (record.left_out() > 0).then(|| ("left_out", Cow::Owned(record.left_out().to_string())));
    [outcome_name, detail, method, error, links, rate, left_out].into_iter().flatten()
}

/// What happened during a request, as items of their own below it.
pub(crate) fn take_happenings(record: &mut RequestRecord) -> Vec<TelemetryItem> {
    let events = record.take_events();
    if events.is_empty() {
        return Vec::new();
    }
    let operation: Cow<'static, str> = Cow::Owned(record.name().into_owned());
    let rate = record.is_rate_known().then(|| record.rate());
    let context = record.context();
    let happenings = events.into_iter().map(|event| {
        let mut origin = Origin::at(event.time);
        origin.context = Some(context);
        origin.operation = Some(operation.clone());
        origin.rate = rate;
        TelemetryItem::of_event(origin, event.name, event.attributes)
    });
    happenings.collect()
}
