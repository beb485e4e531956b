//! The fields of the requests that the middleware records.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::IpAddr;

use opencensus_core::{GrpcStatus, Origin, OutcomeKind, RequestRecord, SpanStatus, TelemetryItem};

use crate::mapping::links::links;
use crate::mapping::number::integer;
use crate::mapping::url::without_default_port;

/// Clears `url` and writes `scheme://host/path?query` to it, without the default port of the scheme. Without a host, or
/// with a malformed one, the URL is relative: path and query.
pub(crate) fn write_url(url: &mut String, record: &RequestRecord) {
    url.clear();
    if let Some(host) = record.host() {
        let scheme = record.scheme();
        url.extend([&*scheme, "://", without_default_port(&host, &scheme)]);
    }
    let path = record.path();
    // `OPTIONS *` and `CONNECT` have no path.
    let slash = if path.starts_with('/') || path.is_empty() || path == "*" { "" } else { "/" };
    url.extend([slash, if path == "*" { "/*" } else { &*path }]);
    if let Some(query) = record.query() {
        url.extend(["?", &*query]);
    }
}

/// The code of the response: that of a gRPC call that completed, such as 5, otherwise the HTTP status. Microsoft's
/// exporters write the same. 0 is an unknown HTTP status.
pub(crate) fn response_code(record: &RequestRecord) -> u32 {
    let of_call = record.grpc_status().filter(|_| record.outcome().kind() == OutcomeKind::Completed);
    of_call.map_or_else(|| record.status().unwrap_or(0).into(), GrpcStatus::code)
}

/// Clears `address` and writes the client's address to it, if it is known.
pub(crate) fn write_client_address(address: &mut String, record: &RequestRecord) {
    address.clear();
    match record.client_address() {
        // Without `std::fmt`, which takes much longer.
        Some(IpAddr::V4(client)) => {
            let [first, rest @ ..] = client.octets();
            address.push_str(&integer(first.into()));
            rest.iter().for_each(|octet| address.extend([".", &integer((*octet).into())]));
        }
        Some(client) => {
            let _ = write!(address, "{client}");
        }
        None => {}
    }
}

/// The properties that the exporter adds to the application's attributes.
pub(crate) fn properties(record: &RequestRecord) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
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
    let links = (!record.links().is_empty()).then(|| ("_MS.links", Cow::Owned(links(record.links()))));
    let failed_call = record.grpc_status().filter(|status| *status != GrpcStatus::OK);
    let grpc_status = failed_call.map(|status| ("rpc.response.status_code", Cow::Borrowed(status.name())));
    let rate = (!record.is_rate_known()).then_some(("sample_rate", Cow::Borrowed("unknown")));
    let left_out = (record.left_out() > 0).then(|| ("left_out", Cow::Owned(record.left_out().to_string())));
    let parent = record.has_unsampled_parent().then_some(("parent", Cow::Borrowed("not_sampled")));
    [outcome_name, detail, method, error, grpc_status, links, rate, left_out, parent].into_iter().flatten()
}

/// Takes the events of a request out of its record, as exceptions and messages below the request.
pub(crate) fn take_events(record: &mut RequestRecord) -> Vec<TelemetryItem> {
    let events = record.take_events();
    if events.is_empty() {
        return Vec::new();
    }
    let operation: Cow<'static, str> = Cow::Owned(record.name().into_owned());
    let rate = record.is_rate_known().then(|| record.rate());
    let context = record.context();
    let items = events.into_iter().map(|event| {
        let mut origin = Origin::at(event.time);
        origin.context = Some(context);
        origin.operation = Some(operation.clone());
        origin.rate = rate;
        TelemetryItem::from_event(origin, event.name, event.attributes)
    });
    items.collect()
}
