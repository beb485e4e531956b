//! The fields of spans from OpenTelemetry or the direct API.

use std::borrow::Cow;

use opencensus_core::{SpanKind, SpanRecord, SpanStatus};

use crate::mapping::attributes::Attributes;
use crate::mapping::url::path_of;

/// Whether the span becomes a request; otherwise it becomes a dependency.
pub(crate) fn is_request(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Server | SpanKind::Consumer)
}

/// The name of the operation or of the outgoing call. It contains a raw path only if the span records
/// a whole URL, as instrumentations of clients do.
pub(crate) fn name(span: &SpanRecord) -> Cow<'_, str> {
    let attributes = Attributes(&span.attributes);
    let span_name = || Cow::Borrowed(&*span.name);
    let Some(method) = attributes.http_method() else { return span_name() };
    let route = attributes.text(&["http.route"]).filter(|_| span.kind == SpanKind::Server);
    match route {
        Some(route) => Cow::Owned(format!("{method} {route}")),
        None => attributes
            .recorded_url()
            .and_then(|url| path_of(&url))
            .map_or_else(span_name, |path| Cow::Owned(format!("{method} {path}"))),
    }
}

/// Whether the span succeeded. The span status decides if it is set. Otherwise a dependency succeeded,
/// and a request succeeded if its status code is below 400, or below 500 with `client_errors_succeed`.
pub(crate) fn has_succeeded(span: &SpanRecord, client_errors_succeed: bool) -> bool {
    let code = || Attributes(&span.attributes).text(&["http.response.status_code", "http.status_code"]);
    match span.status {
        SpanStatus::Error(_) => false,
        SpanStatus::Unset if is_request(span.kind) => {
            let code = code().and_then(|code| code.parse::<u16>().ok());
            code.is_none_or(|code| code < 400 || code < 500 && client_errors_succeed)
        }
        _ => true,
    }
}

/// The source of a request: `peer/destination` if a message caused it.
pub(crate) fn source(span: &SpanRecord) -> Option<String> {
    (span.kind == SpanKind::Consumer).then(|| Attributes(&span.attributes).message_target()).flatten()
}

/// The client's address.
pub(crate) fn client_address<'a>(attributes: Attributes<'a>) -> Option<Cow<'a, str>> {
    attributes.text(&["client.address", "http.client_ip", "net.peer.ip", "network.peer.address"])
}

/// Whether a field of the envelope holds the attribute, or it is internal to Microsoft's SDKs.
pub(crate) fn is_mapped(key: &str) -> bool {
    const MAPPED: [&str; 44] = [
        "client.address",
        "db.name",
        "db.namespace",
        "db.operation",
        "db.operation.name",
        "db.query.text",
        "db.statement",
        "db.system",
        "db.system.name",
        "enduser.id",
        "enduser.pseudo.id",
        "http.client_ip",
        "http.host",
        "http.method",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.scheme",
        "http.server_name",
        "http.status_code",
        "http.target",
        "http.url",
        "http.user_agent",
        "messaging.destination",
        "messaging.destination.name",
        "messaging.system",
        "net.host.name",
        "net.host.port",
        "net.peer.ip",
        "net.peer.name",
        "net.peer.port",
        "network.peer.address",
        "peer.address",
        "peer.service",
        "rpc.grpc.status_code",
        "rpc.system",
        "server.address",
        "server.port",
        "url.full",
        "url.path",
        "url.query",
        "url.scheme",
        "user_agent.original",
        "user_agent.synthetic.type",
    ];
    MAPPED.binary_search(&key).is_ok() || key.starts_with("_MS.") || key.starts_with("microsoft.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::{Attribute, TraceContext};

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

    #[test]
    fn every_mapped_key_is_found() {
        for key in ["client.address", "db.system", "http.route", "user_agent.synthetic.type", "_MS.links"] {
            assert!(is_mapped(key), "{key}");
        }
        for key in ["az.namespace", "gen_ai.system", "shop.user", "http"] {
            assert!(!is_mapped(key), "{key}");
        }
    }
}
