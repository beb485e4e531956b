//! Headers and body sizes are captured only if they are configured.

use opencensus::{RequestRecord, Settings, Value};

use crate::support::server::{Framework, Server};
use crate::support::{SettingsExt as _, ended, in_memory};
use test_support::client;

fn settings() -> Settings {
    Settings::default()
        .with(|s| s.trace.request_headers = ["x-tenant", "X-Many"].map(str::to_owned).to_vec())
        .with(|s| s.trace.response_headers = ["Content-Type"].map(str::to_owned).to_vec())
        .with(|s| s.trace.body_sizes = true)
}

fn value(record: &RequestRecord, key: &str) -> Option<String> {
    let attribute = record.attributes().iter().find(|attribute| attribute.key == key)?;
    Some(attribute.value.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_and_sizes_are_captured_only_if_configured() {
    for framework in Framework::ALL {
        for is_configured in [true, false] {
            let (telemetry, exporter) = in_memory(if is_configured { settings() } else { Settings::default() });
            let server = Server::start(framework, telemetry.clone()).await;
            let headers = "x-tenant: blue\r\nx-many: a\r\nx-many: b\r\nx-other: no\r\ncookie: c=1\r\n";
            let response = client::request(server.address, "GET", "/users/7", headers).await;
            let body = response.split_once("\r\n\r\n").unwrap().1.len();
            let record = ended(&telemetry, &exporter, 1).await.remove(0);
            if is_configured {
                let many = Value::List(vec!["a".into(), "b".into()]).to_string();
                assert_eq!(value(&record, "http.request.header.x-tenant").as_deref(), Some("[blue]"), "{framework:?}");
                assert_eq!(value(&record, "http.request.header.x-many"), Some(many), "{framework:?}");
                assert!(value(&record, "http.response.header.content-type").is_some(), "{framework:?}");
                assert_eq!(value(&record, "http.response.body.size"), Some(body.to_string()), "{framework:?}");
                // The request announced no length.
                assert_eq!(value(&record, "http.request.body.size"), None, "{framework:?}");
                assert_eq!(record.attributes().len(), 4, "{framework:?}: {record:?}");
            } else {
                assert!(record.attributes().is_empty(), "{framework:?}: {record:?}");
            }
            server.stop().await;
        }
    }
}

#[tokio::test]
async fn size_of_an_aborted_body_is_the_size_that_was_sent() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(settings());
        let server = Server::start(framework, telemetry.clone()).await;
        client::disconnect_midway(server.address, "/stream").await;
        let record = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!(record.outcome().kind(), opencensus::OutcomeKind::Aborted, "{framework:?}");
        let size: u64 = value(&record, "http.response.body.size").unwrap().parse().unwrap();
        assert!(size > 0, "{framework:?}");
        server.stop().await;
    }
}
