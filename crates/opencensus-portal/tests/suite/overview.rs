//! The overview counts, ranks and links what was received.

use opencensus_portal::Portal;
use serde_json::{Value, json};

use crate::support::{envelope, get, post};

const EVIL: &str = "<script>alert(1)</script>\"'&";

/// A request of a role, with a sampling rate.
fn request(name: &str, role: &str, milliseconds: u32, code: u16, rate: f64) -> Value {
    let mut item = envelope(name);
    item["sampleRate"] = rate.into();
    item["tags"] = json!({
        "ai.cloud.role": role, "ai.cloud.roleInstance": "host 1", "ai.internal.sdkVersion": "rust:0.1",
        "ai.operation.id": "a/b",
    });
    let data = &mut item["data"]["baseData"];
    data["duration"] = format!("00:00:00.{milliseconds:03}").into();
    data["responseCode"] = code.to_string().into();
    data["success"] = (code < 400).into();
    item
}

async fn send(portal: &Portal, items: &Value) {
    assert_eq!(post(portal, "/v2.1/track", "", items.to_string().as_bytes()).await.0, 200);
}

/// The parts of a page that the script replaces.
fn live_parts(page: &str) -> Vec<&str> {
    page.split("data-live=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The text of the part of a page between two marks.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from}: {page}"));
    &page[start..start + page[start..].find(to).unwrap()]
}

#[tokio::test]
async fn counts_are_weighted_and_operations_are_ranked() {
    let portal = Portal::start().unwrap();
    let items = json!([
        request("GET /fast", "shop", 5, 200, 1.0),
        request("GET /slow", "shop", 800, 200, 100.0),
        request("GET /broken", "shop", 40, 500, 50.0),
    ]);
    send(&portal, &items).await;
    let page = get(&portal, "/").await;
    assert!(page.contains("sampled: counts are estimates"), "{page}");
    let tiles = between(&page, "data-live=\"tiles\"", "data-live=\"values\"");
    for text in [r#"<p class="figure">103</p>"#, r#"<p class="figure">2</p>"#, "1.9 % of the requests", "5.00 ms"] {
        assert!(tiles.contains(text), "{text}: {tiles}");
    }
    let slowest = between(&page, "id=\"slowest\"", "</section>");
    let at = |text: &str| slowest.find(text).unwrap_or_else(|| panic!("{text}: {slowest}"));
    assert!(at("/performance?op=GET+%2Fslow") < at("/performance?op=GET+%2Fbroken"));
    let failing = between(&page, "id=\"failing\"", "</section>");
    assert!(failing.contains("/failures?op=GET+%2Fbroken") && !failing.contains("GET /fast"), "{failing}");
    let failures = between(&page, "data-live=\"failures\"", "</section>");
    assert!(failures.contains("/transactions/a%2Fb?item=3") && failures.contains("✗ 500"), "{failures}");
    let roles = between(&page, "data-live=\"roles\"", "</main>");
    for text in ["/?role=shop", "rust:0.1", r#"<td class="number">103</td>"#] {
        assert!(roles.contains(text), "{text}: {roles}");
    }
}

#[tokio::test]
async fn unsampled_counts_have_no_note_and_links_keep_the_scope() {
    let portal = Portal::start().unwrap();
    send(&portal, &json!([request("a", "shop", 5, 200, 100.0), request("b", "cart", 5, 500, 25.0)])).await;
    let page = get(&portal, "/?role=shop&run=all").await;
    assert!(!page.contains("sampled:") && page.contains("Nothing failed."), "{page}");
    assert!(page.contains("/performance?run=all&amp;role=shop&amp;op=a"), "{page}");
}

#[tokio::test]
async fn empty_page_has_the_parts_that_the_script_fills() {
    let portal = Portal::start().unwrap();
    let empty = get(&portal, "/").await;
    assert!(empty.contains("export APPLICATIONINSIGHTS_CONNECTION_STRING"), "{empty}");
    send(&portal, &json!([request("a", "shop", 5, 500, 100.0)])).await;
    let full = get(&portal, "/").await;
    assert_eq!(live_parts(&empty), live_parts(&full));
    assert!(!full.contains("export APPLICATIONINSIGHTS"), "{full}");
}

#[tokio::test]
async fn received_texts_are_never_markup() {
    let portal = Portal::start().unwrap();
    let mut item = request(EVIL, EVIL, 5, 500, 100.0);
    item["tags"]["ai.internal.sdkVersion"] = "<b>sdk".into();
    item["tags"]["ai.operation.id"] = EVIL.into();
    item["data"]["baseData"]["responseCode"] = "<i>code".into();
    let mut exception = envelope("");
    exception["data"] =
        json!({"baseType": "ExceptionData", "baseData": {"exceptions": [{"typeName": "<u>T", "message": "<em>m"}]}});
    send(&portal, &json!([item, exception])).await;
    let page = get(&portal, "/").await;
    for markup in ["<script>alert", "<b>sdk", "<i>code", "<u>T", "<em>m"] {
        assert!(!page.contains(markup), "{markup}: {page}");
        assert!(page.contains(&markup.replace('<', "&lt;").replace('>', "&gt;")), "{markup}: {page}");
    }
    assert!(page.contains("/items/2"), "{page}");
}
