//! The fields of spans from OpenTelemetry or the direct API.

use std::borrow::Cow;

use opencensus_core::{SpanKind, SpanRecord, SpanStatus, Value};

use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::message::take_message_target;
use crate::mapping::span_url::URL;
use crate::mapping::url::path_of;

/// The keys of the method of an HTTP request, incoming or outgoing.
pub(crate) const HTTP_METHOD: [&str; 2] = ["http.request.method", "http.method"];

/// Whether the span becomes a request; otherwise it becomes a dependency.
pub(crate) fn is_request(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Server | SpanKind::Consumer)
}

/// The name of the operation or of the outgoing call. It contains a raw path only if the span records
/// a whole URL, as instrumentations of clients do, and does not keep its name.
pub(crate) fn name<'a>(span: &'a SpanRecord, attributes: &Attributes<'a>) -> Cow<'a, str> {
    let Some(method) = attributes.text(&HTTP_METHOD) else { return Cow::Borrowed(&span.name) };
    let route = if span.kind == SpanKind::Server { attributes.take(&["http.route"]) } else { None };
    let path = || path_of(&attributes.text(&URL)?).map(Cow::Owned);
    let target = if span.keeps_name { None } else { route.or_else(path) };
    let name = target.map_or(Cow::Borrowed(&*span.name), |target| Cow::Owned([&*method, " ", &*target].concat()));
    if name.split(' ').next() == Some(&*method) {
        attributes.hold(&HTTP_METHOD, &method);
    }
    name
}

/// The status of an HTTP response or of an RPC, for a field that holds it.
pub(crate) fn take_result_code<'a>(attributes: &Attributes<'a>) -> Option<Cow<'a, str>> {
    attributes.take_for(
        fields::RESULT_CODE,
        &[
            "microsoft.dependency.resultCode",
            "http.response.status_code",
            "http.status_code",
            "rpc.response.status_code",
            "rpc.grpc.status_code",
        ],
    )
}

/// Whether the span succeeded. The span status decides if it is set. Otherwise a dependency succeeded,
/// and a request succeeded if its status code is below 400, or below 500 with `client_errors_succeed`.
pub(crate) fn has_succeeded(span: &SpanRecord, client_errors_succeed: bool) -> bool {
    let keys = ["http.response.status_code", "http.status_code"];
    let code = || {
        let attributes = Attributes::new(&span.attributes);
        match attributes.first(&keys)? {
            Value::I64(code) => u16::try_from(*code).ok(),
            _ => attributes.text(&keys)?.parse().ok(),
        }
    };
    match span.status {
        SpanStatus::Error(_) => false,
        SpanStatus::Unset if is_request(span.kind) => {
            code().is_none_or(|code| code < 400 || code < 500 && client_errors_succeed)
        }
        _ => true,
    }
}

/// The source of a request: `peer/destination` if a message caused it.
pub(crate) fn take_source(span: &SpanRecord, attributes: &Attributes<'_>) -> Option<String> {
    let source = || take_message_target(attributes);
    attributes.within(fields::REQUEST_SOURCE, || (span.kind == SpanKind::Consumer).then(source).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::{Attribute, TraceContext};

    #[test]
    fn name_is_composed_of_the_url_unless_the_span_keeps_its_name() {
        let mut span = SpanRecord::new(TraceContext::root(), SpanKind::Client, "GET stock.example");
        span.attributes.push(Attribute::new("http.request.method", "GET"));
        span.attributes.push(Attribute::new("url.full", "https://stock.example/stock/7"));
        assert_eq!(name(&span, &Attributes::new(&span.attributes)), "GET /stock/7");
        span.keeps_name = true;
        let attributes = Attributes::new(&span.attributes);
        assert_eq!(name(&span, &attributes), "GET stock.example");
        assert!(attributes.properties().all(|attribute| attribute.key != "http.request.method"), "the name has it");
    }

    #[test]
    fn status_code_decides_unless_the_application_set_a_span_status() {
        let span = |kind, status, code: Option<&'static str>| {
            let mut span = SpanRecord::new(TraceContext::root(), kind, "x");
            span.status = status;
            span.attributes.extend(code.map(|code| Attribute::new("http.response.status_code", code)));
            span
        };
        let error = || SpanStatus::Error("".into());
        for (kind, status, code, strict, lenient) in [
            (SpanKind::Server, SpanStatus::Unset, None, true, true),
            (SpanKind::Server, SpanStatus::Unset, Some("204"), true, true),
            (SpanKind::Server, SpanStatus::Unset, Some("399"), true, true),
            (SpanKind::Server, SpanStatus::Unset, Some("404"), false, true),
            (SpanKind::Server, SpanStatus::Unset, Some("500"), false, false),
            (SpanKind::Server, SpanStatus::Ok, Some("500"), true, true),
            (SpanKind::Server, error(), Some("200"), false, false),
            (SpanKind::Client, SpanStatus::Unset, Some("503"), true, true),
            (SpanKind::Client, error(), None, false, false),
        ] {
            let span = span(kind, status, code);
            assert_eq!([false, true].map(|lenient| has_succeeded(&span, lenient)), [strict, lenient], "{span:?}");
        }
    }
}
