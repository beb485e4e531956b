//! Spans of clients and producers, and internal ones, as dependencies.

use serde_json::{Value, json};

use crate::otlp::attributes::Attributes;
use crate::otlp::callee::Callee;
use crate::otlp::database::{DATABASE, database};
use crate::otlp::message::{Span, Status};
use crate::otlp::messaging::take_place;
use crate::otlp::peer::{take_peer, take_service};
use crate::otlp::span_name::{METHOD, take_name};
use crate::otlp::url::{authority_of, take_url};

const RPC: [&str; 2] = ["rpc.system.name", "rpc.system"];
const GENERATOR: [&str; 2] = ["gen_ai.system", "gen_ai.provider.name"];

/// The fields of a dependency, without id and duration.
pub(super) fn fields(span: &Span, attributes: &mut Attributes) -> Value {
    let url = if attributes.has(&METHOD) { take_url(attributes) } else { None };
    let name = take_name(span, attributes, url.as_deref());
    let Callee { kind, target, data } = callee(span.kind, attributes, url);
    let code = attributes.take(&[
        "microsoft.dependency.resultCode",
        "http.response.status_code",
        "http.status_code",
        "rpc.response.status_code",
        "rpc.grpc.status_code",
        "db.response.status_code",
    ]);
    json!({
        "name": name, "type": attributes.take(&["microsoft.dependency.type"]).unwrap_or(kind),
        "target": attributes.take(&["microsoft.dependency.target"]).or(target),
        "data": attributes.take(&["microsoft.dependency.data"]).or(data),
        "resultCode": code.unwrap_or_else(|| "0".to_owned()),
        "success": span.status.as_ref().is_none_or(|status| status.code != Status::ERROR),
    })
}

/// The kind of span, then what the attributes describe. A generator of text comes before the protocol that it is called by.
fn callee(kind: i32, attributes: &mut Attributes, url: Option<String>) -> Callee {
    let mut callee = match kind {
        Span::PRODUCER => producer(attributes),
        Span::CLIENT if attributes.has(&METHOD) || url.is_some() => http(attributes, url),
        Span::CLIENT if attributes.has(&DATABASE) => database(attributes),
        Span::CLIENT if attributes.has(&["messaging.system"]) => message(attributes),
        Span::CLIENT if attributes.has(&RPC) => rpc(attributes),
        Span::CLIENT => other(attributes),
        _ => in_process(attributes),
    };
    if let Some(system) = attributes.text(&GENERATOR) {
        callee.kind = format!("GenAI | {system}");
        callee.target = callee.target.or(Some(system));
    }
    callee
}

fn http(attributes: &mut Attributes, url: Option<String>) -> Callee {
    let of_url = url.as_deref().and_then(authority_of).map(str::to_owned);
    let target = take_service(attributes).or(of_url).or_else(|| take_peer(attributes, &["80", "443"]));
    Callee { kind: "HTTP".to_owned(), target, data: url }
}

fn message(attributes: &mut Attributes) -> Callee {
    let kind = attributes.take(&["messaging.system"]).unwrap_or_default();
    let target = take_place(attributes).or_else(|| take_service(attributes));
    let target = target.or_else(|| take_peer(attributes, &[])).or_else(|| Some(kind.clone()));
    Callee { kind, target, data: None }
}

fn rpc(attributes: &mut Attributes) -> Callee {
    let system = attributes.take(&RPC).unwrap_or_default();
    let target = take_service(attributes).or_else(|| take_peer(attributes, &[])).or_else(|| Some(system.clone()));
    Callee { kind: if system == "grpc" { "GRPC".to_owned() } else { system }, target, data: None }
}

fn producer(attributes: &mut Attributes) -> Callee {
    let system = attributes.text(&["az.namespace"]).or_else(|| attributes.take(&["messaging.system"]));
    let kind = system.map_or_else(|| "Queue Message".to_owned(), |system| format!("Queue Message | {system}"));
    let target = take_place(attributes).or_else(|| take_service(attributes));
    Callee { kind, target: target.or_else(|| take_peer(attributes, &[])), data: None }
}

/// A call of a service of Azure, or one that the attributes do not describe.
fn other(attributes: &mut Attributes) -> Callee {
    let kind = attributes.text(&["az.namespace"]).unwrap_or_else(|| "Dependency".to_owned());
    let target = take_place(attributes).or_else(|| take_service(attributes)).or_else(|| take_peer(attributes, &[]));
    Callee { kind, target, data: attributes.take(&["url.full", "http.url"]) }
}

fn in_process(attributes: &mut Attributes) -> Callee {
    let namespace = attributes.text(&["az.namespace"]);
    let kind = namespace.map_or_else(|| "InProc".to_owned(), |namespace| format!("InProc | {namespace}"));
    Callee { kind, target: take_service(attributes), data: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;

    fn dependency(kind: i32, pairs: Value) -> Value {
        let span = Span { name: "call".to_owned(), kind, ..Span::default() };
        fields(&span, &mut Attributes::new(list(pairs)))
    }

    fn assert_callee(kind: i32, pairs: Value, expected: [&str; 3]) {
        let call = dependency(kind, pairs.clone());
        let found = ["type", "target", "data"].map(|field| call[field].as_str().unwrap_or_default());
        assert_eq!(found, expected, "{pairs}");
    }

    #[test]
    fn calls_have_type_target_and_data() {
        let url = "https://a.example:8443/x?y=1";
        for (pairs, expected) in [
            (json!({"http.request.method": "GET", "url.full": url}), ["HTTP", "a.example:8443", url]),
            (json!({"http.method": "GET", "http.url": "http://h:80/"}), ["HTTP", "h", "http://h:80/"]),
            (
                json!({"http.method": "GET", "http.url": "http://h/", "peer.service": "stock"}),
                ["HTTP", "stock", "http://h/"],
            ),
            (json!({"http.request.method": "GET", "server.address": "h", "server.port": 443}), ["HTTP", "h", ""]),
            (json!({"rpc.system": "grpc", "server.address": "g", "server.port": 50051}), ["GRPC", "g:50051", ""]),
            (json!({"rpc.system": "java_rmi"}), ["java_rmi", "java_rmi", ""]),
            (
                json!({"messaging.system": "kafka", "messaging.destination.name": "orders", "server.address": "k"}),
                ["kafka", "k/orders", ""],
            ),
            (json!({"messaging.system": "kafka"}), ["kafka", "kafka", ""]),
            (
                json!({"az.namespace": "Microsoft.ServiceBus", "message_bus.destination": "q"}),
                ["Microsoft.ServiceBus", "q", ""],
            ),
            (json!({"gen_ai.system": "openai", "http.request.method": "POST"}), ["GenAI | openai", "openai", ""]),
            (json!({"server.address": "2001:db8::7", "server.port": 9}), ["Dependency", "[2001:db8::7]:9", ""]),
            (
                json!({"microsoft.dependency.type": "t", "microsoft.dependency.target": "a", "microsoft.dependency.data": "d"}),
                ["t", "a", "d"],
            ),
        ] {
            assert_callee(Span::CLIENT, pairs, expected);
        }
    }

    #[test]
    fn producers_are_queue_messages_and_internal_spans_are_in_process() {
        let kafka = json!({"messaging.system": "kafka", "messaging.destination.name": "orders"});
        assert_callee(Span::PRODUCER, kafka, ["Queue Message | kafka", "orders", ""]);
        assert_callee(Span::PRODUCER, json!({}), ["Queue Message", "", ""]);
        assert_callee(Span::INTERNAL, json!({"db.system": "redis"}), ["InProc", "", ""]);
        assert_callee(
            Span::INTERNAL,
            json!({"az.namespace": "Microsoft.EventHub"}),
            ["InProc | Microsoft.EventHub", "", ""],
        );
        assert_callee(0, json!({"gen_ai.provider.name": "openai"}), ["GenAI | openai", "openai", ""]);
    }

    #[test]
    fn result_code_and_success_of_a_call() {
        let call = dependency(Span::CLIENT, json!({"http.request.method": "GET", "http.response.status_code": 503}));
        assert_eq!((&call["resultCode"], &call["success"]), (&json!("503"), &json!(true)), "the span's status decides");
        let status = Some(Status { code: Status::ERROR, ..Status::default() });
        let span = Span { kind: Span::CLIENT, status, ..Span::default() };
        let call = fields(&span, &mut Attributes::default());
        assert_eq!((&call["resultCode"], &call["success"]), (&json!("0"), &json!(false)));
    }

    #[test]
    fn call_of_http_is_named_by_method_and_path() {
        let call = dependency(Span::CLIENT, json!({"http.request.method": "GET", "url.full": "http://h/stock/7?a=1"}));
        assert_eq!(call["name"], "GET /stock/7");
    }
}
