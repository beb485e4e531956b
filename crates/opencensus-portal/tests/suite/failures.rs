//! The page of failures: what fails how often, for how many users, since when, and samples with their messages.

use opencensus_portal::{Portal, PortalOptions};
use serde_json::{Value, json};

use crate::support::{envelope, get, main_text, post};

fn request(name: &str, code: u16, user: &str) -> Value {
    let mut item = envelope(name);
    item["tags"] = json!({"ai.operation.id": "trace", "ai.cloud.role": "shop", "ai.user.id": user});
    item["data"]["baseData"]["responseCode"] = code.to_string().into();
    item["data"]["baseData"]["success"] = (code < 400).into();
    item
}

fn exception(name: &str, method: &str, message: &str) -> Value {
    let mut item = envelope("x");
    item["tags"] = json!({"ai.operation.id": "trace"});
    item["data"] = json!({"baseType": "ExceptionData", "baseData": {"exceptions": [
        {"typeName": name, "message": message, "parsedStack": [{"level": 0, "method": method}]},
        {"typeName": "Io", "message": "refused"},
    ]}});
    item
}

async fn send(portal: &Portal, items: &[Value]) {
    let (status, body) = post(portal, "/v2.1/track", "", json!(items).to_string().as_bytes()).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn operations_are_listed_with_share_users_codes_and_samples() {
    let portal = Portal::start().unwrap();
    let items = [
        request("GET /a", 500, "u1"),
        request("GET /a", 503, "u2"),
        request("GET /a", 200, "u3"),
        request("GET /a", 200, "u3"),
        request("GET /<b>", 404, "u1"),
    ];
    send(&portal, &items).await;
    let page = main_text(&portal, "/failures").await;
    assert!(page.contains("GET /a 2 50 % 2 shop") && page.contains("GET /&lt;b&gt; 1 100 % 1 shop"), "{page}");
    assert!(page.contains("404 1 33 %"), "{page}");
    let links = get(&portal, "/failures").await;
    assert!(
        links.contains("href=\"/failures?op=GET+%2Fa\"") && links.contains("href=\"/failures?code=404\""),
        "{links}"
    );
    let selected = get(&portal, "/failures?op=GET+%2Fa&code=503").await;
    let samples = selected.split_once("class=\"samples\"").unwrap().1;
    assert!(samples.contains("/transactions/trace?item=2") && !samples.contains("item=1\""), "{samples}");
}

#[tokio::test]
async fn exceptions_are_grouped_by_problem_and_show_their_causes() {
    let portal = Portal::start().unwrap();
    send(
        &portal,
        &[exception("E", "pay", "no <money>"), exception("E", "pay", "still none"), exception("E", "ship", "x")],
    )
    .await;
    let page = main_text(&portal, "/failures?of=exceptions").await;
    assert!(page.contains("E at pay 2") && page.contains("E at ship 1"), "{page}");
    let one = main_text(&portal, "/failures?of=exceptions&op=E+at+pay").await;
    assert!(one.contains("no &lt;money&gt; caused by Io: refused") && one.contains("still none"), "{one}");
    assert!(!one.contains("Result codes"), "{one}");
    let calls = main_text(&portal, "/failures?of=dependencies").await;
    assert!(calls.contains("Nothing failed.") && !calls.contains("No telemetry yet"), "{calls}");
}

#[tokio::test]
async fn what_is_new_since_the_run_before_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let start = || PortalOptions::default().with_database(folder.path().join("portal.db")).start().unwrap();
    let first = start();
    send(&first, &[request("GET /old", 500, ""), request("GET /gone", 500, "")]).await;
    let alone = main_text(&first, "/failures").await;
    assert!(!alone.contains("Since the run before"), "{alone}");
    drop(first);
    let second = start();
    send(&second, &[request("GET /old", 500, ""), request("GET /new", 500, "")]).await;
    let page = main_text(&second, "/failures").await;
    assert!(page.contains("Since the run before: 1 new , 1 gone, 1 as before."), "{page}");
    assert!(page.contains("GET /new new 1") && page.contains("GET /old 1"), "{page}");
}

#[tokio::test]
async fn page_without_items_shows_how_to_send_the_first() {
    let page = main_text(&Portal::start().unwrap(), "/failures").await;
    assert!(page.contains("Nothing failed.") && page.contains("APPLICATIONINSIGHTS_CONNECTION_STRING"), "{page}");
}
