//! The availability page groups the results of tests.

use opencensus_portal::Portal;
use serde_json::{Value, json};

use crate::support::{envelope, get, post};

/// The result of a test.
fn result(test: &str, location: &str, milliseconds: u32, success: bool, message: &str) -> Value {
    let mut item = envelope("");
    item["tags"] = json!({"ai.operation.id": "op 1"});
    item["data"] = json!({"baseType": "AvailabilityData", "baseData": {
        "ver": 2, "id": "1", "name": test, "duration": format!("00:00:00.{milliseconds:03}"), "success": success,
        "runLocation": location, "message": message,
    }});
    item
}

async fn page(portal: &Portal, items: Value) -> String {
    assert_eq!(post(portal, "/v2.1/track", "", items.to_string().as_bytes()).await.0, 200);
    get(portal, "/availability").await
}

/// The texts of the cells of the row that contains `text`, without the timeline.
fn row(page: &str, text: &str) -> String {
    let row = page.split("<tr>").find(|row| row.contains(text)).unwrap_or_else(|| panic!("no {text}: {page}"));
    let texts = row.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    texts.filter(|text| !text.trim().is_empty() && !text.contains("succeeded,")).collect::<Vec<_>>().join("|")
}

#[tokio::test]
async fn results_are_grouped_by_test_and_location() {
    let portal = Portal::start().unwrap();
    let mut sampled = result("home", "west", 100, true, "");
    sampled["sampleRate"] = 50.into();
    let items = json!([
        sampled,
        result("home", "west", 400, false, "timeout after 400 ms"),
        result("home", "east", 50, true, "200 OK"),
    ]);
    let page = page(&portal, items).await;
    assert!(page.contains("sampled: counts are estimates"), "{page}");
    let west = row(&page, ">west<");
    assert!(west.starts_with("west|67 %|3|200 ms|400 ms|") && west.contains("✗ failed"), "{west}");
    assert!(west.contains("timeout after 400 ms"), "{west}");
    assert!(row(&page, ">east<").contains("✓ succeeded"), "{page}");
    assert!(page.contains("/transactions/op%201?item=2"), "{page}");
    assert!(page.contains("1 × 1 s: 0 succeeded, 0 failed, 1 in which some failed"), "{page}");
}

#[tokio::test]
async fn empty_page_has_a_command_and_the_parts_that_the_script_fills() {
    let portal = Portal::start().unwrap();
    let parts = |page: &str| page.matches("data-live=").count();
    let empty = page(&portal, json!([envelope("a request")])).await;
    let command = format!("curl http://{}/v2.1/track -d", portal.address());
    assert!(empty.contains(&command) && empty.contains("applicationinsights 2.9 and 3 for Node"), "{empty}");
    let full = page(&portal, json!([result("home", "", 1, true, "")])).await;
    assert!(!full.contains("curl") && full.contains("(no location)"), "{full}");
    assert_eq!(parts(&empty), parts(&full));
}

#[tokio::test]
async fn received_texts_are_never_markup() {
    let portal = Portal::start().unwrap();
    let evil = "</title></svg><script>alert(1)</script>\"'&";
    let page = page(&portal, json!([result(evil, evil, 1, false, evil)])).await;
    assert!(!page.contains("<script>alert") && !page.contains("</title></svg>"), "{page}");
    assert!(page.matches("&lt;/title&gt;&lt;/svg&gt;&lt;script&gt;").count() >= 3, "{page}");
}
