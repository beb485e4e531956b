//! The page of performance: weighted durations of operations, a histogram that selects, samples, another run beside.

use opencensus_portal::{Portal, PortalOptions};
use serde_json::{Value, json};

use crate::support::{envelope, get, main_text, post};

fn request(name: &str, millis: u64, rate: f64) -> Value {
    let mut item = envelope(name);
    item["sampleRate"] = rate.into();
    item["tags"] = json!({"ai.operation.id": format!("t{millis}"), "ai.cloud.role": "shop"});
    item["data"]["baseData"]["duration"] = format!("00:00:00.{millis:03}").into();
    item
}

async fn send(portal: &Portal, items: &[Value]) {
    let (status, _) = post(portal, "/v2.1/track", "", json!(items).to_string().as_bytes()).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn operations_have_weighted_counts_percentiles_and_impact() {
    let portal = Portal::start().unwrap();
    let mut items: Vec<_> = (1..=9).map(|_| request("GET /fast", 10, 100.0)).collect();
    items.push(request("GET /fast", 90, 10.0));
    items.push(request("GET /<slow>", 600, 100.0));
    send(&portal, &items).await;
    let page = main_text(&portal, "/performance").await;
    // 9 of weight 1 and one that stands for 10: the median is the long one.
    assert!(page.contains("GET /fast 19 52.1 ms 90.0 ms 90.0 ms 90.0 ms 0 % 62 %"), "{page}");
    assert!(page.contains("GET /&lt;slow&gt; 1 600 ms 600 ms 600 ms 600 ms 0 % 38 %"), "{page}");
    assert!(page.contains("sampled: counts are estimates"), "{page}");
    let sorted = main_text(&portal, "/performance?sort=p95").await;
    assert!(sorted.find("GET /&lt;slow").unwrap() < sorted.find("GET /fast").unwrap(), "{sorted}");
    assert!(page.find("GET /fast").unwrap() < page.find("GET /&lt;slow").unwrap(), "{page}");
}

#[tokio::test]
async fn bars_of_the_histogram_select_samples() {
    let portal = Portal::start().unwrap();
    send(&portal, &[request("GET /a", 15, 100.0), request("GET /a", 30, 100.0), request("GET /b", 450, 100.0)]).await;
    let page = get(&portal, "/performance?op=GET+%2Fa").await;
    assert!(page.contains("href=\"/performance?op=GET+%2Fa&amp;min=20000&amp;max=50000\""), "{page}");
    let selected = get(&portal, "/performance?op=GET+%2Fa&min=20000&max=50000").await;
    let samples = selected.split_once("Slowest samples").unwrap().1;
    assert!(
        samples.contains("/transactions/t30?item=2") && !samples.contains("t15") && !samples.contains("t450"),
        "{samples}"
    );
    let of_calls = main_text(&portal, "/performance?of=dependencies").await;
    assert!(of_calls.contains("No durations yet"), "{of_calls}");
}

#[tokio::test]
async fn another_run_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let start = || PortalOptions::default().with_database(folder.path().join("portal.db")).start().unwrap();
    let first = start();
    send(&first, &[request("GET /a", 100, 100.0)]).await;
    drop(first);
    let second = start();
    send(&second, &[request("GET /a", 150, 100.0), request("GET /b", 1, 100.0)]).await;
    let page = main_text(&second, "/performance?with=1").await;
    assert!(page.contains("+50.0 ms (+50 %)") && page.contains("new"), "{page}");
    assert!(!main_text(&second, "/performance").await.contains("+50.0 ms"));
}
