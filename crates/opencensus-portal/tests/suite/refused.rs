//! The page of refused items shows what the service would refuse or cut, and why.

use opencensus_portal::Portal;
use serde_json::{Value, json};

use crate::support::{envelope, get, get_json, gzip, post};

async fn send(portal: &Portal, item: &Value) -> u16 {
    post(portal, "/v2.1/track", "user-agent: client/1\r\n", item.to_string().as_bytes()).await.0
}

#[tokio::test]
async fn page_names_client_rule_field_and_item_of_each_refusal() {
    let portal = Portal::start().unwrap();
    let mut item = envelope("x".repeat(1025).as_str());
    assert_eq!(send(&portal, &item).await, 400);
    item["tags"] = json!({"ai.internal.sdkVersion": "py3:oc1", "ai.cloud.role": "shop"});
    item["data"]["baseData"]["name"] = "GET /<b>".into();
    item["data"]["baseData"]["id"] = "".into();
    assert_eq!(send(&portal, &item).await, 400);
    let page = get(&portal, "/refused").await;
    for part in [
        "client/1",
        "100: Field 'name' on type 'RequestData' is too long. Expected: 1024 characters, Actual: 1025",
        "py3:oc1",
        "RequestData.id",
        "GET /&lt;b&gt;",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let one = get(&portal, "/refused?rule=109&role=shop").await;
    assert!(one.contains("RequestData.id") && !one.contains("Actual: 1025"), "{one}");
    assert_eq!(get_json(&portal, "/api/v1/count").await["count"], 0);
}

#[tokio::test]
async fn cut_text_is_shown_beside_the_accepted_item() {
    let portal = Portal::start().unwrap();
    let mut item = envelope("GET /");
    item["data"]["baseData"]["properties"] = json!({"tenant": "t".repeat(9000)});
    assert_eq!(send(&portal, &item).await, 200);
    let page = get(&portal, "/refused").await;
    assert!(page.contains("the value is cut to 8192 characters. Actual: 9000"), "{page}");
    assert!(page.contains("RequestData.properties.tenant") && page.contains("href=\"/items/1\""), "{page}");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_shown() {
    let portal = Portal::start().unwrap();
    let nothing = get(&portal, "/refused").await;
    assert!(nothing.contains("Nothing was refused") && nothing.contains("APPLICATIONINSIGHTS_CONNECTION_STRING"));
    post(&portal, "/v2.1/track", "content-encoding: br\r\n", b"x").await;
    post(&portal, "/v2.1/track", "content-encoding: gzip\r\n", &gzip(b"[1,")).await;
    let page = get(&portal, "/refused").await;
    assert!(page.contains("status 415") && page.contains("the content encoding `br` is not supported"), "{page}");
    assert!(page.contains("the body is not a JSON array"), "{page}");
}
