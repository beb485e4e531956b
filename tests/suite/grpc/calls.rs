//! What is recorded of a call.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use opencensus::observers::GrpcStatus;
use opencensus::sampling::{KeepFailures, SamplerSetting};
use opencensus::{OutcomeKind, RequestRecord, Settings};
use opencensus_azure::ConnectionString;
use serde_json::{Value, json};
use test_support::TIMEOUT;
use test_support::endpoint::Endpoint;

use super::greeter::{SAY_HELLO, SAY_MANY};
use super::server::{PLACES, Place, connect, start};
use crate::support::{SettingsExt as _, ended, in_memory, quick};

const UNKNOWN: [&str; 2] = ["/helloworld.Greeter/Unknown", "/shop.Basket/Steal"];

/// Calls a method of a server with these settings and the layer in this place, and returns the call's record.
async fn recorded(place: Place, path: &'static str, name: &str) -> RequestRecord {
    let (telemetry, exporter) = in_memory(Settings::default());
    let mut client = connect(start(place, &telemetry).await).await;
    let _ = client.call(path, name).await;
    ended(&telemetry, &exporter, 1).await.remove(0)
}

#[tokio::test]
async fn call_is_named_by_its_service_and_method_in_each_place_of_the_layer() {
    for place in PLACES {
        let record = recorded(place, SAY_HELLO, "Ada").await;
        assert_eq!(record.name(), "helloworld.Greeter/SayHello", "{place:?}");
        assert_eq!((record.grpc_status(), record.has_succeeded(false)), (Some(GrpcStatus::OK), true));
        assert_eq!(record.client_address(), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), "{place:?}");
        assert_eq!(record.outcome().kind(), OutcomeKind::Completed);
    }
}

#[tokio::test]
async fn method_that_the_application_does_not_have_names_no_operation() {
    for place in [Place::Server, Place::Router] {
        for path in UNKNOWN {
            let record = recorded(place, path, "Ada").await;
            let is_bounded = ["POST", "POST /helloworld.Greeter/{*rest}"].contains(&&*record.name());
            assert!(is_bounded, "{place:?} {path}: {}", record.name());
            assert_eq!(record.grpc_status(), Some(GrpcStatus::UNIMPLEMENTED));
            assert!(!record.has_succeeded(true));
        }
    }
}

#[tokio::test]
async fn status_decides_about_success_as_the_http_status_of_the_same_meaning() {
    for place in PLACES {
        for (name, http_status) in [("3 no name", 400), ("5 no such chair", 404), ("13 db down", 500), ("16 x", 401)] {
            let record = recorded(place, SAY_HELLO, name).await;
            assert_eq!(record.name(), "helloworld.Greeter/SayHello", "{place:?} {name}");
            assert_eq!((record.status(), record.effective_status()), (Some(200), Some(http_status)));
            assert_eq!((record.has_succeeded(false), record.has_succeeded(true)), (false, http_status < 500), "{name}");
        }
    }
}

#[tokio::test]
async fn status_of_a_stream_follows_its_messages() {
    for place in PLACES {
        for (name, code) in [("Ada", 0), ("14 half of it", 14)] {
            let (telemetry, exporter) = in_memory(Settings::default());
            let mut client = connect(start(place, &telemetry).await).await;
            let (replies, status) = client.call_many(name).await;
            assert_eq!((replies.len(), status.is_ok()), (2, code == 0));
            let record = ended(&telemetry, &exporter, 1).await.remove(0);
            assert_eq!(record.name(), &SAY_MANY[1..]);
            assert_eq!(record.grpc_status(), Some(GrpcStatus::new(code)), "{place:?}");
        }
    }
}

#[tokio::test]
async fn call_that_its_client_gave_up_is_cancelled() {
    for place in PLACES {
        let (telemetry, exporter) = in_memory(Settings::default());
        let mut client = connect(start(place, &telemetry).await).await;
        let given_up = tokio::time::timeout(Duration::from_millis(100), client.call(SAY_HELLO, "nobody")).await;
        assert!(given_up.is_err());
        let record = ended(&telemetry, &exporter, 1).await.remove(0);
        assert_eq!((record.outcome().kind(), record.grpc_status()), (OutcomeKind::Cancelled, None), "{place:?}");
    }
}

#[tokio::test]
async fn failed_calls_are_kept_like_failed_requests() {
    for (keep, kept) in [(KeepFailures::All, vec![5, 13]), (KeepFailures::ServerErrors, vec![13])] {
        let settings = Settings::default().with_sampler(SamplerSetting::AlwaysOff).with_keep_failures(keep);
        let (telemetry, exporter) = in_memory(settings);
        let mut client = connect(start(Place::Server, &telemetry).await).await;
        for name in ["Ada", "5 no such chair", "13 db down"] {
            let _ = client.call(SAY_HELLO, name).await;
        }
        let records = ended(&telemetry, &exporter, kept.len()).await;
        let codes: Vec<_> = records.iter().map(|record| record.grpc_status().unwrap().code()).collect();
        assert_eq!(codes, kept);
    }
}

/// The `baseData` of the rows of these calls.
async fn rows(names: &[&str]) -> Vec<Value> {
    let endpoint = Endpoint::start([]).await;
    let connection: ConnectionString = endpoint.connection_string().parse().unwrap();
    let settings =
        Settings::default().with(|s| s.limits = quick()).with_store(false).with_connection_string(connection);
    let telemetry = settings.start().unwrap();
    let mut client = connect(start(Place::Server, &telemetry).await).await;
    for name in names {
        let _ = client.call(SAY_HELLO, name).await;
    }
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete && report.stats.balances(), "{report:?}");
    let items = endpoint.posts().into_iter().flat_map(|post| post.items);
    let rows = items.filter(|item| item["data"]["baseType"] == "RequestData");
    rows.map(|mut item| item["data"]["baseData"].take()).collect()
}

#[tokio::test]
async fn row_has_the_status_as_its_code_and_the_decoded_message() {
    let rows = rows(&["Ada", "5 no such chair: Stühle", "13 100% full"]).await;
    let of = |code: &str| rows.iter().find(|row| row["responseCode"] == code).unwrap_or_else(|| panic!("{rows:?}"));
    assert_eq!((&of("0")["success"], of("0").get("properties")), (&json!(true), None));
    for (code, name, message) in [("5", "NOT_FOUND", "no such chair: Stühle"), ("13", "INTERNAL", "100% full")] {
        let row = of(code);
        assert_eq!((&row["name"], &row["success"]), (&json!("helloworld.Greeter/SayHello"), &json!(false)));
        let properties = &row["properties"];
        assert_eq!(properties["error.message"], message);
        assert_eq!(properties["rpc.response.status_code"], name);
    }
}
