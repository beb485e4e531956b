//! Requests and dependencies as spans.

use serde_json::{Value, json};

use crate::store::{Item, ItemKind};
use crate::transfer::otlp_json::attributes::{Attributes, nanos};
use crate::transfer::otlp_json::identifier::identifier;

const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
const ERROR: u8 = 2;

pub(super) fn span(item: &Item) -> Value {
    let end = item.time.saturating_add(item.duration.unwrap_or(0));
    let mut span = json!({
        "traceId": identifier(item.operation_id.as_deref(), 32),
        "spanId": identifier(item.item_id.as_deref(), 16),
        "name": item.name,
        "kind": kind(item),
        "startTimeUnixNano": nanos(item.time),
        "endTimeUnixNano": nanos(end),
        "attributes": Value::from(attributes(item)),
    });
    let parent = item.parent_id.as_deref().filter(|parent| Some(*parent) != item.operation_id.as_deref());
    if let Some(parent) = parent {
        span["parentSpanId"] = identifier(Some(parent), 16).into();
    }
    if item.success == Some(false) {
        span["status"] = json!({"code": ERROR});
    }
    span
}

fn kind(item: &Item) -> u8 {
    match (item.kind, item.dependency_type.as_deref()) {
        (ItemKind::Request, _) => SERVER,
        (_, Some(kind)) if kind.eq_ignore_ascii_case("InProc") => INTERNAL,
        _ => CLIENT,
    }
}

fn attributes(item: &Item) -> Attributes {
    let mut attributes = Attributes::of(item);
    let status = item.code.as_deref().and_then(|code| code.parse::<i64>().ok());
    let status = status.filter(|status| (100..600).contains(status));
    attributes.number("http.response.status_code", status);
    if let Some((method, route)) = item.name.split_once(' ').filter(|(method, _)| is_method(method)) {
        attributes.text("http.request.method", Some(method));
        attributes.text("http.route", Some(route).filter(|_| item.kind == ItemKind::Request));
    }
    match item.kind {
        ItemKind::Request => attributes.text("url.full", item.url.as_deref()),
        _ => callee(item, &mut attributes),
    }
    attributes
}

/// What a dependency calls.
fn callee(item: &Item, attributes: &mut Attributes) {
    let envelope = item.envelope();
    let data = envelope["data"]["baseData"]["data"].as_str();
    let kind = item.dependency_type.as_deref().unwrap_or_default();
    if kind.is_empty() || kind.to_ascii_lowercase().starts_with("http") {
        attributes.text("url.full", data.filter(|data| data.contains("://")));
        attributes.text("server.address", item.target.as_deref());
    } else if !kind.eq_ignore_ascii_case("InProc") {
        attributes.text("db.system.name", Some(&kind.to_ascii_lowercase()));
        attributes.text("db.query.text", data);
        attributes.text("peer.service", item.target.as_deref());
    }
}

fn is_method(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(span: &Value, key: &str) -> Option<Value> {
        let attributes = span["attributes"].as_array().unwrap();
        attributes.iter().find(|attribute| attribute["key"] == key).map(|attribute| attribute["value"].clone())
    }

    #[test]
    fn request_is_a_span_of_a_server() {
        let item = Item {
            name: "GET /users/{id}".into(),
            operation_id: Some("ab".repeat(16)),
            item_id: Some("cd".repeat(8)),
            parent_id: Some("ef".repeat(8)),
            time: 1_709_618_828_000_000,
            duration: Some(1500),
            code: Some("500".into()),
            success: Some(false),
            properties: [("tenant".to_owned(), "blue".to_owned())].into(),
            sample_rate: 25.0,
            ..Item::at(1)
        };
        let span = span(&item);
        assert_eq!((&span["traceId"], &span["spanId"]), (&json!("ab".repeat(16)), &json!("cd".repeat(8))));
        assert_eq!((&span["parentSpanId"], &span["kind"]), (&json!("ef".repeat(8)), &json!(2)));
        assert_eq!(span["startTimeUnixNano"], "1709618828000000000");
        assert_eq!(span["endTimeUnixNano"], "1709618828001500000");
        assert_eq!(span["status"], json!({"code": 2}));
        for (key, value) in [
            ("tenant", json!({"stringValue": "blue"})),
            ("http.response.status_code", json!({"intValue": "500"})),
            ("http.request.method", json!({"stringValue": "GET"})),
            ("http.route", json!({"stringValue": "/users/{id}"})),
            ("microsoft.sample_rate", json!({"doubleValue": 25.0})),
        ] {
            assert_eq!(attribute(&span, key), Some(value), "{key}");
        }
    }

    #[test]
    fn dependency_has_its_callee() {
        let item = |kind: &str, data: &str| Item {
            kind: ItemKind::Dependency,
            dependency_type: Some(kind.into()),
            target: Some("db".into()),
            raw: json!({"data": {"baseData": {"data": data}}}).to_string(),
            ..Item::at(1)
        };
        let sql = span(&item("SQL", "SELECT 1"));
        assert_eq!(
            (&sql["kind"], attribute(&sql, "db.query.text")),
            (&json!(3), Some(json!({"stringValue": "SELECT 1"})))
        );
        let http = span(&item("HTTP", "http://db/x"));
        assert_eq!(attribute(&http, "url.full"), Some(json!({"stringValue": "http://db/x"})));
        let internal = span(&item("InProc", ""));
        assert_eq!((&internal["kind"], &internal["attributes"]), (&json!(1), &json!([])));
    }
}
