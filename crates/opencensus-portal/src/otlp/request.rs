//! Spans of servers and consumers as requests.

use serde_json::{Value, json};

use crate::otlp::attributes::Attributes;
use crate::otlp::message::{Span, Status};
use crate::otlp::messaging::take_place;
use crate::otlp::span_name::{METHOD, take_name};
use crate::otlp::url::take_url;

const CODE: [&str; 2] = ["http.response.status_code", "http.status_code"];
const CALL_CODE: [&str; 2] = ["rpc.response.status_code", "rpc.grpc.status_code"];

/// The fields of a request, without id and duration.
pub(super) fn fields(span: &Span, attributes: &mut Attributes) -> Value {
    let is_http = attributes.has(&METHOD);
    let success = success(span, attributes);
    let url = if is_http { take_url(attributes) } else { None };
    let name = take_name(span, attributes, url.as_deref());
    let code = attributes.take(&CODE).or_else(|| attributes.take(&CALL_CODE));
    let source = if is_http { None } else { take_place(attributes) };
    json!({
        "name": name, "url": url, "source": source, "success": success,
        "responseCode": code.unwrap_or_else(|| "0".to_owned())
    })
}

/// The status of the span decides if it is set, otherwise the HTTP status.
fn success(span: &Span, attributes: &Attributes) -> bool {
    match span.status.as_ref().map_or(0, |status| status.code) {
        Status::OK => true,
        Status::ERROR => false,
        _ => attributes.text(&CODE).and_then(|code| code.parse::<u16>().ok()).is_none_or(|code| code < 400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;

    fn request(name: &str, status: i32, pairs: Value) -> Value {
        let status = Some(Status { code: status, ..Status::default() });
        let span = Span { name: name.to_owned(), kind: Span::SERVER, status, ..Span::default() };
        fields(&span, &mut Attributes::new(list(pairs)))
    }

    #[test]
    fn request_of_http_has_route_url_and_status() {
        let stable = json!({
            "http.request.method": "GET", "http.route": "/users/{id}", "url.scheme": "http", "url.path": "/users/7",
            "server.address": "h", "server.port": 8000, "http.response.status_code": 200
        });
        let old = json!({
            "http.method": "GET", "http.route": "/users/{id}", "http.scheme": "http", "http.target": "/users/7",
            "http.host": "h:8000", "http.status_code": 200
        });
        for pairs in [stable, old] {
            let expected = json!({
                "name": "GET /users/{id}", "url": "http://h:8000/users/7", "source": null, "success": true,
                "responseCode": "200"
            });
            assert_eq!(request("GET", 0, pairs), expected);
        }
    }

    #[test]
    fn status_of_the_span_decides_before_that_of_http() {
        for (status, code, success) in [
            (0, json!(399), true),
            (0, json!(404), false),
            (0, json!(500), false),
            (0, json!("none"), true),
            (Status::OK, json!(500), true),
            (Status::ERROR, json!(200), false),
        ] {
            let pairs = json!({"http.request.method": "GET", "http.response.status_code": code});
            assert_eq!(request("GET", status, pairs)["success"], success, "{status} {code}");
        }
        assert_eq!(request("work", 0, json!({}))["success"], true);
    }

    #[test]
    fn requests_of_rpc_and_messages_keep_the_name_of_the_span() {
        let call = request("shop.Cart/Add", 0, json!({"rpc.system": "grpc", "rpc.grpc.status_code": 5}));
        assert_eq!((&call["name"], &call["responseCode"]), (&json!("shop.Cart/Add"), &json!("5")));
        let pairs = json!({"messaging.system": "kafka", "messaging.destination.name": "orders", "server.address": "k"});
        let message = request("process orders", 0, pairs);
        let fields = [&message["name"], &message["source"], &message["responseCode"]];
        assert_eq!(fields, [&json!("process orders"), &json!("k/orders"), &json!("0")]);
    }
}
