//! Dependencies as Application Insights receives them.

use opencensus::{DependencySpan, OpenCensusLayer, Settings, Telemetry};
use serde_json::{Value, json};
use test_support::TIMEOUT;
use test_support::endpoint::Endpoint;
use tower::{Layer as _, ServiceExt as _, service_fn};

/// Handles a request with this function, and returns the dependencies that the endpoint received.
async fn sent(work: impl Fn(&Telemetry) + Clone + Send + 'static) -> Vec<Value> {
    let endpoint = Endpoint::start([]).await;
    let connection = endpoint.connection_string();
    let settings = Settings::default().with_store(false).with_connection_string(connection.parse().unwrap());
    let telemetry = settings.start().unwrap();
    let handle = telemetry.clone();
    let service = service_fn(move |_: http::Request<()>| {
        work(&handle);
        std::future::ready(Ok::<_, std::convert::Infallible>(http::Response::new(
            http_body_util::Empty::<bytes::Bytes>::new(),
        )))
    });
    let request = http::Request::get("/order").body(()).unwrap();
    drop(OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap());
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    let items = endpoint.posts().into_iter().flat_map(|post| post.items);
    items.filter(|item| item["data"]["baseType"] == "RemoteDependencyData").collect()
}

fn fields(item: &Value) -> Value {
    let data = &item["data"]["baseData"];
    let mut fields = json!({});
    for key in ["name", "type", "target", "data", "resultCode", "success", "properties"] {
        fields[key] = data[key].clone();
    }
    fields
}

#[tokio::test]
async fn guard_sets_type_target_statement_and_code() {
    let items = sent(|telemetry| {
        let mut call = DependencySpan::start("SQL", "db.example|shop", "SELECT stock");
        call.set_data("SELECT count FROM stock WHERE id = $1");
        call.set_attribute("db.rows", 1);
        call.end();
        let mut failed = telemetry.dependency("Redis", "cache.example", "GET basket");
        failed.set_result_code("WRONGTYPE");
        failed.set_failed("not a hash");
    })
    .await;
    assert_eq!(
        fields(&items[0]),
        json!({
            "name": "SELECT stock", "type": "SQL", "target": "db.example|shop",
            "data": "SELECT count FROM stock WHERE id = $1", "resultCode": "0", "success": true,
            "properties": { "db.rows": "1" },
        })
    );
    assert_eq!(
        fields(&items[1]),
        json!({
            "name": "GET basket", "type": "Redis", "target": "cache.example", "data": null,
            "resultCode": "WRONGTYPE", "success": false, "properties": { "error.message": "not a hash" },
        })
    );
    assert_eq!(items[0]["tags"]["ai.operation.name"], "GET");
}

#[tokio::test]
async fn call_sets_host_redacted_url_and_status() {
    let items = sent(|telemetry| {
        telemetry.call("GET", "https://me:pw@stock.example:8443/stock/7?token=secret&page=2").end(404);
        telemetry
            .call("PUT", "https://stock.example/stock/7")
            .fail(&std::io::Error::other("no route to https://a:b@h/"));
    })
    .await;
    assert_eq!(
        fields(&items[0]),
        json!({
            "name": "GET stock.example", "type": "HTTP", "target": "stock.example:8443",
            "data": "https://stock.example:8443/stock/7?token=REDACTED&page=2", "resultCode": "404",
            "success": false, "properties": null,
        })
    );
    assert_eq!(
        fields(&items[1]),
        json!({
            "name": "PUT stock.example", "type": "HTTP", "target": "stock.example",
            "data": "https://stock.example/stock/7", "resultCode": "0", "success": false,
            "properties": { "error.message": "no route to https://h/" },
        })
    );
}
