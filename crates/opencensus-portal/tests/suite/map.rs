//! The map connects roles with each other and with what they call.

use opencensus_portal::Portal;
use serde_json::{Value, json};

use crate::support::{envelope, get, post};

/// A request that a role received below a span.
fn request(role: &str, id: &str, parent: &str) -> Value {
    let mut item = envelope(&format!("GET /{role}"));
    item["tags"] = json!({"ai.cloud.role": role, "ai.operation.id": "t", "ai.operation.parentId": parent});
    item["data"]["baseData"]["id"] = id.into();
    item
}

/// A call of a role.
fn call(role: &str, id: &str, kind: &str, target: &str, success: bool) -> Value {
    let mut item = envelope("");
    item["tags"] = json!({"ai.cloud.role": role, "ai.operation.id": "t"});
    item["data"] = json!({"baseType": "RemoteDependencyData", "baseData": {
        "ver": 2, "id": id, "name": format!("call {target}"), "duration": "00:00:00.020", "type": kind,
        "target": target, "success": success,
    }});
    item
}

async fn map(portal: &Portal, items: Value, path: &str) -> String {
    assert_eq!(post(portal, "/v2.1/track", "", items.to_string().as_bytes()).await.0, 200);
    let page = get(portal, path).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    page
}

/// The rows of the list of connections, as texts in alphabetical order.
fn connections(page: &str) -> Vec<String> {
    let list = page.split("<h2>Connections</h2>").nth(1).unwrap_or_else(|| panic!("no connections: {page}"));
    let rows = list.split("<tr>").skip(2);
    let text = |row: &str| row.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    let cells = |row: &str| row.split("</td>").take(4).map(text).collect::<Vec<String>>().join("|");
    let mut connections: Vec<_> = rows.map(cells).collect();
    connections.sort();
    connections
}

#[tokio::test]
async fn calls_connect_roles_and_targets_with_their_failures() {
    let portal = Portal::start().unwrap();
    let items = json!([
        request("front", "1", ""),
        call("front", "2", "HTTP", "orders:80", true),
        request("orders", "3", "2"),
        call("orders", "4", "SQL", "db", true),
        call("orders", "5", "SQL", "db", false),
        call("orders", "6", "InProc", "inner", true),
    ]);
    let page = map(&portal, items, "/map").await;
    assert_eq!(connections(&page), ["front|orders|1|0", "orders|db|2|1 (50 %)"]);
    assert!(!page.contains("inner") && !page.contains("orders:80"), "{page}");
    let failed = "<title>orders → db: 2 calls, 50 % failed, 95th percentile 20.0 ms</title>";
    assert!(page.contains(failed) && page.contains(">50%</text>"), "{page}");
}

#[tokio::test]
async fn roles_that_call_each_other_and_themselves_are_drawn() {
    let portal = Portal::start().unwrap();
    let items = json!([
        call("a", "1", "HTTP", "b:80", true),
        request("b", "2", "1"),
        call("b", "3", "HTTP", "a:80", true),
        request("a", "4", "3"),
        call("a", "5", "HTTP", "a:80", true),
        request("a", "6", "5"),
    ]);
    let page = map(&portal, items, "/map").await;
    assert_eq!(connections(&page), ["a|a|1|0", "a|b|1|0", "b|a|1|0"]);
    assert_eq!(page.matches("class=\"edge\"").count(), 3, "{page}");
}

#[tokio::test]
async fn counts_are_weighted_and_browsers_are_nodes() {
    let portal = Portal::start().unwrap();
    let mut view = envelope("home");
    view["data"] = json!({"baseType": "PageViewData", "baseData": {"name": "home", "duration": "00:00:01"}});
    view["sampleRate"] = 25.into();
    let mut ajax = call("", "|t.7.", "Ajax", "front:80", true);
    ajax["tags"] = json!({"ai.operation.id": "t", "ai.internal.sdkVersion": "javascript:3.4.4"});
    let page = map(&portal, json!([view, ajax, request("front", "8", "7")]), "/map").await;
    assert_eq!(connections(&page), ["pages|front|1|0"]);
    assert!(page.contains("browser pages: 4 page views, 95th percentile 1.00 s"), "{page}");
    assert!(page.contains("sampled: counts are estimates"), "{page}");
}

#[tokio::test]
async fn node_opens_a_panel_and_the_scope_keeps_its_neighbours() {
    let portal = Portal::start().unwrap();
    let items = json!([
        call("a", "1", "HTTP", "b:80", true),
        request("b", "2", "1"),
        call("b", "3", "Queue", "q 1", true),
        call("c", "4", "SQL", "db", true),
    ]);
    let page = map(&portal, items, "/map?role=b&node=role%7Cb").await;
    assert_eq!(connections(&page), ["a|b|1|0", "b|q 1|1|0"]);
    let panel = page.split("id=\"node\"").nth(1).unwrap().split("</section>").next().unwrap();
    for text in [
        "GET /b",
        "Called by",
        "/performance?role=b",
        "/search?role=b",
        "/map?role=b&amp;node=target%7CQueue%7Cq+1#node",
    ] {
        assert!(panel.contains(text), "{text}: {panel}");
    }
    assert!(page.contains("aria-current=\"true\""), "{page}");
    let target = get(&portal, "/map?node=target%7CQueue%7Cq+1").await;
    assert!(target.contains("<td class=\"name\">call q 1</td>"), "{target}");
    assert!(target.contains("/search?q=target%3A%22q+1%22+type%3AQueue"), "{target}");
    let unknown = get(&portal, "/map?node=x").await;
    assert!(unknown.starts_with("HTTP/1.1 200") && !unknown.contains("id=\"node\""), "{unknown}");
}

#[tokio::test]
async fn received_texts_are_never_markup_and_long_names_are_shortened() {
    let portal = Portal::start().unwrap();
    let evil = "</title></svg><script>alert(1)</script>\"'&";
    let long = "x".repeat(256);
    let items =
        json!([request(evil, "1", ""), call(evil, "2", evil, evil, false), call(evil, "3", "SQL", &long, true)]);
    for path in ["/map", "/map?node=role%7C%3C%2Ftitle%3E%3C%2Fsvg%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26"] {
        let page = map(&portal, items.clone(), path).await;
        assert!(!page.contains("<script>alert") && !page.contains("</title></svg>"), "{page}");
        assert!(page.contains("&lt;/title&gt;&lt;/svg&gt;&lt;script&gt;alert(1)"), "{page}");
        assert!(page.contains(&format!("{}…</text>", "x".repeat(15))) && page.contains(&long), "{page}");
    }
}

#[tokio::test]
async fn empty_page_has_the_parts_that_the_script_fills_and_one_node_suffices() {
    let portal = Portal::start().unwrap();
    let parts = |page: &str| page.matches("data-live=").count();
    let empty = map(&portal, json!([envelope("")]), "/map?role=absent").await;
    assert!(empty.contains("No requests or calls yet") && !empty.contains("<svg"), "{empty}");
    let full = map(&portal, json!([request("alone", "1", "")]), "/map?role=alone").await;
    assert!(full.contains("service alone: 1 request,") && full.contains("<svg"), "{full}");
    assert_eq!(parts(&empty), parts(&full));
}
