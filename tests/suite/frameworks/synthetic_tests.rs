//! Requests of Azure's availability tests are marked, on every framework.

use opencensus::Settings;
use serde_json::{Value, json};
use test_support::TIMEOUT;
use test_support::client::request;
use test_support::endpoint::Endpoint;

use crate::support::SettingsExt as _;
use crate::support::server::{Framework, Server};

/// What an availability test sends.
const TEST: &str = "user-agent: Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; AppInsights)\r\n\
                    SyntheticTest-Id: default_shop-test_shop\r\nSyntheticTest-RunId: 0f8fad5b-d9cb-469f\r\n\
                    SyntheticTest-Location: emea-nl-ams-azr\r\nSyntheticTest-OperationName: shop test\r\n";

/// More lines than the middleware walks over.
fn many_lines() -> String {
    (0..20).map(|n| format!("x-{n}: v\r\n")).collect()
}

/// The tags and the properties of a request with these headers.
async fn sent(framework: Framework, headers: &str) -> (Value, Value) {
    let endpoint = Endpoint::start([]).await;
    let telemetry = Settings::default()
        .with_store(false)
        .with_connection_string(endpoint.connection_string().parse().unwrap())
        .with(|s| s.azure.plain_http = true)
        .start()
        .unwrap();
    let server = Server::start(framework, telemetry.clone()).await;
    request(server.address, "GET", "/users/7", headers).await;
    server.stop().await;
    assert!(telemetry.flush(TIMEOUT).await.complete);
    let posts = endpoint.posts();
    let items = posts.iter().flat_map(|post| &post.items);
    let item = items.into_iter().find(|item| item["data"]["baseType"] == "RequestData").unwrap();
    (item["tags"].clone(), item["data"]["baseData"]["properties"].clone())
}

#[tokio::test]
async fn availability_test_has_its_source_run_location_and_name() {
    for framework in Framework::ALL {
        for others in [String::new(), many_lines()] {
            let (tags, properties) = sent(framework, &format!("{others}{TEST}")).await;
            let source = "Application Insights Availability Monitoring";
            assert_eq!(tags["ai.operation.syntheticSource"], source, "{framework:?}");
            assert_eq!(tags["ai.session.id"], "0f8fad5b-d9cb-469f", "{framework:?}");
            assert_eq!(tags["ai.user.id"], "emea-nl-ams-azr_0f8fad5b-d9cb-469f", "{framework:?}");
            let expected = json!({
                "SyntheticTest-Id": "default_shop-test_shop", "SyntheticTest-RunId": "0f8fad5b-d9cb-469f",
                "SyntheticTest-Location": "emea-nl-ams-azr", "SyntheticTest-OperationName": "shop test",
            });
            for (key, value) in expected.as_object().unwrap() {
                assert_eq!(&properties[key], value, "{framework:?}");
            }
        }
    }
}

#[tokio::test]
async fn requests_without_a_run_id_are_not_marked_by_headers() {
    for framework in Framework::ALL {
        for headers in ["", "SyntheticTest-Location: emea-nl-ams-azr\r\n", "SyntheticTest-RunId: \r\n"] {
            let (tags, properties) = sent(framework, headers).await;
            assert_eq!(tags.get("ai.operation.syntheticSource"), None, "{framework:?} {headers}");
            assert!(!properties.to_string().contains("SyntheticTest"), "{framework:?} {properties}");
        }
        let bytes = format!("SyntheticTest-RunId: {}\r\n", "r".repeat(5000));
        let (tags, properties) = sent(framework, &bytes).await;
        assert_eq!(properties["SyntheticTest-RunId"].as_str().unwrap().len(), 256);
        assert_eq!(
            (tags["ai.session.id"].as_str().unwrap().len(), tags["ai.user.id"].as_str().unwrap().len()),
            (64, 128)
        );
    }
}
