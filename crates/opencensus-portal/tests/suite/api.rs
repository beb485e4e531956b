//! The JSON API selects items, counts them and waits for them.

use opencensus_portal::Portal;
use serde_json::json;

use crate::support::{control, envelope, get, get_json, post};

#[tokio::test]
async fn api_filters_counts_and_waits() {
    let portal = Portal::start().unwrap();
    let waiting = get_json(&portal, "/api/v1/wait?kind=request&name=b&timeout=30");
    let sending = async {
        let (status, _) =
            post(&portal, "/v2.1/track", "", format!("[{},{}]", envelope("a"), envelope("b")).as_bytes()).await;
        assert_eq!(status, 200);
    };
    let (waited, ()) = tokio::join!(waiting, sending);
    assert_eq!((&waited["complete"], &waited["items"][0]["name"]), (&json!(true), &json!("b")));
    let items = get_json(&portal, "/api/v1/items?limit=1").await;
    assert_eq!(items["items"][0]["envelope"], envelope("b"));
    let id = items["items"][0]["id"].as_i64().unwrap();
    assert_eq!(get_json(&portal, &format!("/api/v1/items/{id}")).await["code"], "200");
    assert_eq!(get_json(&portal, "/api/v1/count?code=200").await, json!({"count": 2, "weighted": 2.0}));
    let none = get_json(&portal, "/api/v1/wait?name=c&code=200&timeout=0").await;
    let group = |name: &str| json!({"kind": "request", "name": name, "code": "200", "count": 1});
    assert_eq!((&none["complete"], &none["items"], &none["total"]), (&json!(false), &json!([]), &json!(2)));
    assert_eq!(none["arrived"], json!([group("a"), group("b")]));
    assert_eq!(none["near_misses"][0], "1 of the items with code = 200 has name = a");
}

#[tokio::test]
async fn search_of_the_page_selects_items_and_what_it_lacks_is_named() {
    let portal = Portal::start().unwrap();
    let mut slow = envelope("GET /oak");
    slow["data"]["baseData"]["duration"] = "00:00:02".into();
    slow["data"]["baseData"]["properties"] = json!({"tenant": "acme"});
    let items = json!([envelope("GET /x"), slow]);
    assert_eq!(post(&portal, "/v2.1/track", "", items.to_string().as_bytes()).await.0, 200);
    for (query, count) in [
        ("q=get", 2),
        ("q=OAK%20get", 1),
        ("q=dur:%3E1s", 1),
        ("q=-tenant:acme", 1),
        ("q=tenant:acme&since=1", 1),
        ("q=tenant:acme&until=1", 0),
        ("q=", 2),
    ] {
        assert_eq!(get_json(&portal, &format!("/api/v1/count?{query}")).await["count"], count, "{query}");
    }
    // A script that counted without the term would not notice its mistake.
    let refused = get(&portal, "/api/v1/items?q=get%20dur:200").await;
    assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    assert!(refused.contains("`dur:200` (character 5): a unit (µs, ms, s, m, h) is expected, as in `dur:>200ms`"));
    let waited = get_json(&portal, "/api/v1/wait?q=dur:%3E5s&role=x&timeout=0").await;
    assert_eq!(waited["near_misses"], json!([]));
}

#[tokio::test]
async fn several_kinds_failures_and_a_role_are_selected() {
    let portal = Portal::start().unwrap();
    let with_role = |mut item: serde_json::Value, role: &str| {
        item["tags"]["ai.cloud.role"] = role.into();
        item
    };
    let mut failed = with_role(envelope("b"), "cart");
    failed["data"]["baseData"]["success"] = false.into();
    let mut exception = envelope("");
    exception["data"] = json!({"baseType": "ExceptionData", "baseData": {"exceptions": [{"message": "m"}]}});
    let mut event = envelope("");
    event["data"] = json!({"baseType": "EventData", "baseData": {"name": "e"}});
    let items = json!([with_role(envelope("a"), "shop"), failed, exception, event]);
    assert_eq!(post(&portal, "/v2.1/track", "", items.to_string().as_bytes()).await.0, 200);
    for (query, count) in [
        ("kind=request,exception", 3),
        ("kind=event,%20exception", 2),
        ("kind=request,request", 2),
        ("failed=true", 2),
        ("failed=true&kind=request", 1),
        ("failed=false", 4),
        ("role=cart", 1),
        ("role=x", 0),
    ] {
        let found = get_json(&portal, &format!("/api/v1/count?{query}")).await;
        assert_eq!(found["count"], count, "{query}");
    }
    assert!(get(&portal, "/api/v1/count?kind=request,x").await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn errors_are_json_and_name_the_parameter() {
    let portal = Portal::start().unwrap();
    for (path, parameter) in [
        ("/api/v1/items?limit=1001", "limit"),
        ("/api/v1/items?limit=ten", "limit"),
        ("/api/v1/items?kind=span", "kind"),
        ("/api/v1/items?kind=", "kind"),
        ("/api/v1/items?order=random", "order"),
        ("/api/v1/items/x", "id"),
        ("/api/v1/count?property=x", "property"),
        ("/api/v1/wait?timeout=61", "timeout"),
        ("/api/v1/wait?timeout=NaN", "timeout"),
        ("/api/v1/wait?count=-1", "count"),
        ("/api/v1/count?limit=1", "limit"),
    ] {
        let response = get(&portal, path).await;
        assert!(response.starts_with("HTTP/1.1 400"), "{path}: {response}");
        assert_eq!(get_json(&portal, path).await["parameter"], parameter, "{path}");
    }
    for (method, path, status) in [
        ("GET", "/api/v1/items/99", 404),
        ("GET", "/api/v1/transactions/none", 404),
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/nothing", 404),
        ("POST", "/api/v1/items", 405),
        ("GET", "/api/v1/clear", 405),
    ] {
        let (found, body) = control(&portal, method, path, "").await;
        assert_eq!(found, status, "{method} {path}");
        assert!(body["error"].is_string(), "{method} {path}: {body}");
    }
    let token = format!("x-portal-token: {}\r\n", portal.token());
    let (status, body) = post(&portal, "/api/v1/faults", &token, b"{}").await;
    assert!((status, body["error"].is_string()) == (415, true), "{status} {body}");
}

#[tokio::test]
async fn transaction_names_parents_that_were_not_received() {
    let portal = Portal::start().unwrap();
    let item = |name: &str, id: &str, parent: Option<&str>| {
        let mut item = envelope(name);
        item["tags"]["ai.operation.id"] = "0af7651916cd43dd8448eb211c80319c".into();
        item["tags"]["ai.operation.parentId"] = parent.into();
        item["data"]["baseData"]["id"] = id.into();
        item
    };
    let (root, child) =
        (item("GET /", "00f067aa0ba902b7", None), item("GET /a", "b7ad6b7169203331", Some("00f067aa0ba902b7")));
    let orphan = item("GET /b", "b9c7c989f97918e1", Some("53995c3f42cd8ad8"));
    let path = "/api/v1/transactions/0af7651916cd43dd8448eb211c80319c";
    post(&portal, "/v2.1/track", "", format!("[{root},{child}]").as_bytes()).await;
    let whole = get_json(&portal, path).await;
    assert_eq!(
        (&whole["whole"], &whole["orphans"], whole["items"].as_array().unwrap().len()),
        (&json!(true), &json!([]), 2)
    );
    post(&portal, "/v2.1/track", "", format!("[{orphan}]").as_bytes()).await;
    let broken = get_json(&portal, path).await;
    assert_eq!((&broken["whole"], &broken["orphans"]), (&json!(false), &json!([3])));
    let transaction = portal.transaction("0af7651916cd43dd8448eb211c80319c").await.unwrap();
    assert!(transaction.to_string().contains("parent 53995c3f42cd8ad8 was not received"), "{transaction}");
}
