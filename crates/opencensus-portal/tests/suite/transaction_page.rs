//! The page of a transaction: its tree, its state in the address, and what is received as text.

use opencensus_portal::Portal;
use serde_json::{Value, json};

use crate::support::{envelope, get, post};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A request with this span id below a parent.
fn span(name: &str, id: &str, parent: Option<&str>) -> Value {
    let mut item = envelope(name);
    item["tags"] = json!({"ai.operation.id": TRACE, "ai.cloud.role": "shop"});
    if let Some(parent) = parent {
        item["tags"]["ai.operation.parentId"] = parent.into();
    }
    item["data"]["baseData"]["id"] = id.into();
    item
}

/// An item of another type below a span.
fn attached(base_type: &str, base: Value, parent: &str) -> Value {
    let mut item = span("", "", Some(parent));
    item["data"] = json!({"baseType": base_type, "baseData": base});
    item
}

async fn send(portal: &Portal, items: &[Value]) {
    for items in items.chunks(1000) {
        let (status, response) = post(portal, "/v2.1/track", "", json!(items).to_string().as_bytes()).await;
        assert_eq!(status, 200, "{response}");
    }
}

async fn page(portal: &Portal, query: &str) -> String {
    get(portal, &format!("/transactions/{TRACE}{query}")).await
}

/// The keys of the rows, and their levels.
fn rows(page: &str) -> Vec<(i64, u64)> {
    let value = |row: &str, name: &str| -> i64 {
        let (_, value) = row.split_once(&format!("{name}=\"")).unwrap();
        value.split_once('"').unwrap().0.parse().unwrap()
    };
    let rows = page.split("<tr").skip(1).filter(|row| row.contains("data-key="));
    rows.map(|row| (value(row, "data-key"), value(row, "aria-level") as u64)).collect()
}

/// 1 { 2 (failed) { 3 (exception), 4 (log record) } }, and 5 whose parent is missing.
async fn shop() -> Portal {
    let portal = Portal::start().unwrap();
    let mut failed = span("GET /stock", "b", Some("a"));
    failed["data"]["baseData"]["success"] = false.into();
    failed["data"]["baseData"]["responseCode"] = "500".into();
    failed["data"]["baseData"]["url"] = "http://stock.example/it's".into();
    failed["data"]["baseData"]["properties"] =
        json!({"tenant": "oak \"1\"", "_MS.links": format!("[{{\"operation_Id\":\"other/1\",\"id\":\"s\"}}]")});
    let stack = json!([{"level": 0, "method": "shop::take", "fileName": "src/stock.rs", "line": 7},
        {"level": 1, "method": "tokio::run", "fileName": "x.rs", "line": 1}, {"level": 2, "method": "std::rt", "fileName": "y.rs", "line": 2}]);
    let exceptions = json!([{"typeName": "StockError", "message": "sold out", "parsedStack": stack}, {"typeName": "DbError", "message": "no row"}]);
    send(
        &portal,
        &[
            span("GET /", "a", None),
            failed,
            attached("ExceptionData", json!({"ver": 2, "exceptions": exceptions}), "b"),
            attached("MessageData", json!({"ver": 2, "message": "no oak is left", "severityLevel": "Warning"}), "b"),
            span("GET /late", "c", Some("gone")),
        ],
    )
    .await;
    portal
}

#[tokio::test]
async fn rows_are_indented_below_their_parents_and_missing_parents_are_marked() {
    let portal = shop().await;
    let page = page(&portal, "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert_eq!(rows(&page), [(1, 1), (2, 2), (3, 3), (4, 3), (-5, 1), (5, 2)]);
    for text in
        ["parent not received", "sampled out, not instrumented, or still on its way", "1 parent not received", "✗ 500"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains(r#"href="/transactions/other%2F1""#), "{page}");
}

#[tokio::test]
async fn state_of_the_page_is_in_its_address() {
    let portal = shop().await;
    let keys =
        async |query: &str| rows(&page(&portal, query).await).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys("?rows=spans").await, [1, 2, -5, 5]);
    assert_eq!(keys("?only=failed").await, [1, 2, 3]);
    assert_eq!(keys("?find=OAK").await, [1, 2, 4]);
    assert_eq!(keys("?collapse=2,-5").await, [1, 2, -5]);
    assert_eq!(keys("?root=2").await, [2, 3, 4]);
    assert!(keys("?find=nothing").await.is_empty());
    let found = page(&portal, "?find=oak&item=4").await;
    assert!(found.contains("no <mark>oak</mark> is left"), "{found}");
    let selected = page(&portal, "?item=2&only=failed&run=all").await;
    let next = format!(r##"href="/transactions/{TRACE}?run=all&amp;item=3&amp;only=failed#row3""##);
    assert!(selected.contains(&next), "{selected}");
}

#[tokio::test]
async fn selected_item_has_its_stack_its_properties_as_searches_and_a_safe_command() {
    let portal = shop().await;
    let call = page(&portal, "?item=2").await;
    assert!(
        call.contains("curl --globoff &#39;http://stock.example/it%27s&#39;")
            || call.contains("curl --globoff 'http://stock.example/it%27s'"),
        "{call}"
    );
    assert!(call.contains(r#"href="/search?q=tenant%3A%22oak+%5C%221%5C%22%22""#), "{call}");
    assert!(call.contains("Log records, exceptions and events (2)"), "{call}");
    let exception = page(&portal, "?item=3").await;
    for text in ["StockError", "sold out", "Caused by DbError", "shop::take", "src/stock.rs:7", "2 frames of libraries"]
    {
        assert!(exception.contains(text), "{text}: {exception}");
    }
    assert!(page(&portal, "?item=-5").await.contains("The span <code>gone</code> has children"));
    let mut other = span("GET /elsewhere", "o", None);
    other["tags"]["ai.operation.id"] = "other".into();
    send(&portal, &[other]).await;
    for query in ["?item=6", "?item=99"] {
        let page = page(&portal, query).await;
        assert!(page.contains("The selected item is not in this transaction") && !page.contains("GET /elsewhere"));
    }
    let item = get(&portal, "/items/4").await;
    assert!(item.contains(&format!(r#"href="/transactions/{TRACE}?item=4""#)), "{item}");
}

/// An item of each kind with markup in each of its fields.
fn hostile_items() -> [Value; 4] {
    let evil = "</title></desc></svg><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>";
    let hostile = |item: &mut Value| {
        for tag in ["ai.cloud.role", "ai.cloud.roleInstance", "ai.operation.name", "ai.user.id"] {
            item["tags"][tag] = evil.into();
        }
        item["tags"]["ai.internal.sdkVersion"] = "<script>".into();
        item["tags"]["ai.operation.id"] = "</script><b>'\"".into();
    };
    let properties = json!({evil: evil, "_MS.links": json!([{"operation_Id": evil, "id": evil}]).to_string()});
    let mut request = span(evil, evil, Some("<i>gone"));
    request["data"]["baseData"]["responseCode"] = evil.into();
    request["data"]["baseData"]["url"] = format!("http://h/{evil}").into();
    let mut call = attached(
        "RemoteDependencyData",
        json!({"ver": 2, "id": evil, "name": evil, "duration": "00:00:01", "target": evil, "type": evil, "resultCode": evil, "success": false}),
        evil,
    );
    let frames = json!([{"level": 0, "method": evil, "fileName": evil, "assembly": evil, "line": 1}]);
    let exceptions = json!([{"typeName": evil, "message": evil, "parsedStack": frames}, {"typeName": evil, "message": evil, "stack": evil}]);
    let mut exception = attached(
        "ExceptionData",
        json!({"ver": 2, "exceptions": exceptions, "problemId": evil, "severityLevel": "Error"}),
        evil,
    );
    let mut log = attached("MessageData", json!({"ver": 2, "message": evil}), evil);
    for item in [&mut request, &mut call, &mut exception, &mut log] {
        item["data"]["baseData"]["properties"] = properties.clone();
        item["data"]["baseData"]["measurements"] = json!({evil: 1.5});
        hostile(item);
    }
    [request, call, exception, log]
}

#[tokio::test]
async fn received_values_of_every_field_are_text() {
    let portal = Portal::start().unwrap();
    send(&portal, &hostile_items()).await;
    let path = "/transactions/%3C%2Fscript%3E%3Cb%3E%27%22";
    for query in [
        "?item=1",
        "?item=2",
        "?item=3",
        "?item=4",
        "?item=-1",
        "?find=%3Cscript%3E&item=3",
        "?find=%22%3E%3Cscript%3E",
    ] {
        let page = get(&portal, &format!("{path}{query}")).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("&lt;script&gt;"), "{query}: {page}");
        for markup in ["<script>", "<img", "<b>", "<i>", "</desc>"] {
            assert!(!page.contains(markup), "{query} {markup}: {page}");
        }
        assert_eq!(page.matches("<title>").count(), page.matches("</title>").count(), "{query}");
    }
    let download = get(&portal, &format!("{path}/envelopes")).await;
    assert!(download.contains("filename=\"transaction-scriptb.json\""), "{download}");
    let unknown = get(&portal, "/transactions/%3Cscript%3E").await;
    assert!(
        unknown.starts_with("HTTP/1.1 404") && !unknown.contains("<script>") && unknown.contains("Possible reasons")
    );
}

#[tokio::test]
async fn loops_and_doubles_end_and_are_marked() {
    let portal = Portal::start().unwrap();
    let items =
        [span("a", "a", Some("b")), span("b", "b", Some("a")), span("self", "c", Some("c")), span("again", "c", None)];
    send(&portal, &items).await;
    let page = page(&portal, "").await;
    assert_eq!(rows(&page).len(), 4, "{page}");
    assert_eq!(page.matches("its parents form a loop").count(), 2, "{page}");
    assert!(page.contains("1 span received twice"), "{page}");
}

#[tokio::test]
async fn ten_thousand_items_are_shown_by_windows_of_rows() {
    let portal = Portal::start().unwrap();
    let items: Vec<_> = (0..10_000)
        .map(|at| span(&format!("span {at}"), &at.to_string(), (at > 0).then(|| (at / 3).to_string()).as_deref()))
        .collect();
    send(&portal, &items).await;
    let first = page(&portal, "").await;
    assert_eq!(rows(&first).len(), 500);
    assert!(first.contains("rows 1 to 500 of 10000") && first.contains("at=500") && first.len() < 2_000_000);
    let last = page(&portal, "?at=9800").await;
    assert_eq!(rows(&last).len(), 200);
    let selected = page(&portal, "?item=9999").await;
    assert!(rows(&selected).iter().any(|(key, _)| *key == 9999), "the window holds the selected row");
    // Each level is deeper than pages indent.
    let chain = Portal::start().unwrap();
    let items: Vec<_> =
        (0..2_000).map(|at| span("deep", &at.to_string(), (at > 0).then(|| (at - 1).to_string()).as_deref())).collect();
    send(&chain, &items).await;
    assert_eq!(rows(&page(&chain, "?at=1990").await).last().unwrap().1, 2000);
}

#[tokio::test]
async fn envelopes_are_downloaded_as_received_and_can_be_posted_again() {
    let portal = shop().await;
    let response = get(&portal, &format!("/transactions/{TRACE}/envelopes")).await;
    assert!(response.contains("content-disposition: attachment"), "{response}");
    let body = response.split_once("\r\n\r\n").unwrap().1;
    let items: Vec<Value> = serde_json::from_str(body).unwrap();
    assert_eq!((items.len(), &items[0]), (5, &span("GET /", "a", None)));
    let other = Portal::start().unwrap();
    assert_eq!(post(&other, "/v2.1/track", "", body.as_bytes()).await.0, 200);
    assert!(get(&portal, "/transactions/x/envelopes").await.starts_with("HTTP/1.1 404"));
    let item = get(&portal, "/items/1/envelope").await;
    assert_eq!(serde_json::from_str::<Value>(item.split_once("\r\n\r\n").unwrap().1).unwrap(), items[0]);
}

#[tokio::test]
async fn transaction_of_an_earlier_run_is_found_by_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let options = || opencensus_portal::PortalOptions::default().with_database(folder.path().join("portal.db"));
    let portal = options().start().unwrap();
    send(&portal, &[span("GET /", "a", None)]).await;
    drop(portal);
    let portal = options().start().unwrap();
    let absent = page(&portal, "").await;
    let link = format!(r#"href="/transactions/{TRACE}?run=all""#);
    assert!(absent.starts_with("HTTP/1.1 404") && absent.contains(&link), "{absent}");
    send(&portal, &[span("GET /b", "b", Some("a"))]).await;
    let part = page(&portal, "").await;
    assert!(part.contains("1 item in other runs") && part.contains(&link), "{part}");
    assert_eq!(rows(&page(&portal, "?run=all").await), [(1, 1), (2, 2)]);
    assert_eq!(rows(&page(&portal, "?run=1").await), [(1, 1)]);
}
