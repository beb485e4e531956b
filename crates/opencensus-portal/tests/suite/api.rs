//! The JSON API selects items, counts them and waits for them.

use opencensus_portal::Portal;
use serde_json::json;

use crate::support::{envelope, get_json, post};

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
    let none = get_json(&portal, "/api/v1/wait?name=c&timeout=0").await;
    assert_eq!(none, json!({"complete": false, "items": []}));
}
