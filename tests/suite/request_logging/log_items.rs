//! Log records are sent to Application Insights as children of the request in which they were logged.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::exporter::TelemetryItem;
use opencensus::sampling::{SamplerSetting, SamplingRate};
use opencensus::{Failure, OpenCensusLayer, Settings};
use opencensus_logging::{Level, Logging};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::SettingsExt as _;
use crate::support::{in_memory, quick};
use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::endpoint::Endpoint;

/// The items of a request during which three records are logged, and of one record outside.
async fn posted(sampler: SamplerSetting, class: &str) -> Vec<Value> {
    let endpoint = Endpoint::start([]).await;
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    let settings = Settings::default().with(|s| s.limits = quick()).with_sampler(sampler).with_logging(&logging);
    let connection = endpoint.connection_string().parse().unwrap();
    let telemetry = settings.with_store(false).with_connection_string(connection).start().unwrap();
    let configuration = json!({
        "version": 1,
        "handlers": { "insights": { "class": class, "always_from": "ERROR" } },
        "root": { "handlers": ["insights"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    let shop = Arc::new(logging.clone());
    let service = service_fn(move |_: Request<()>| {
        let logger = shop.get_logger("shop.cart");
        async move {
            logger.at(Level::INFO).field("chairs", 3).field("request", "r-7").log("a chair was added");
            logger.debug("below the level");
            let error = "x".parse::<u8>().unwrap_err();
            logger.at(Level::ERROR).error(error).log("no such chair");
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let request = Request::get("/").header("host", "shop.example").body(()).unwrap();
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
    logging.get_logger("shop").warning("closing time");
    let report = telemetry.shutdown(TIMEOUT).await;
    assert!(report.complete && report.stats.balances() && report.stats.dropped.total() == 0, "{report:?}");
    logging.get_logger("shop").warning("outside of the request");
    assert_eq!(telemetry.stats().refused.closed, 1, "records after the shutdown are counted");
    endpoint.posts().into_iter().flat_map(|post| post.items).collect()
}

fn of<'a>(items: &'a [Value], kind: &str) -> Vec<&'a Value> {
    items.iter().filter(|item| item["data"]["baseType"] == kind).collect()
}

#[tokio::test]
async fn log_records_are_traces_and_exceptions_below_their_request() {
    for class in ["application_insights", "opencensus.ext.azure.log_exporter.AzureLogHandler"] {
        let items = posted(SamplerSetting::AlwaysOn, class).await;
        let (request, messages, errors) =
            (of(&items, "RequestData")[0], of(&items, "MessageData"), of(&items, "ExceptionData"));
        assert_eq!((messages.len(), errors.len(), items.len()), (2, 1, 4), "{items:?}");
        let message = messages.iter().find(|item| item["data"]["baseData"]["message"] == "a chair was added").unwrap();
        for item in [message, errors[0]] {
            assert_eq!(item["tags"]["ai.operation.id"], request["tags"]["ai.operation.id"]);
            assert_eq!(item["tags"]["ai.operation.parentId"], request["data"]["baseData"]["id"]);
        }
        let properties = &message["data"]["baseData"]["properties"];
        assert_eq!((&properties["chairs"], &properties["logger"]), (&json!("3"), &json!("shop.cart")));
        assert_eq!(properties["request"], "r-7", "a field of the application");
        assert!(properties["code.file.path"].is_string(), "{properties}");
        assert_eq!(message["data"]["baseData"]["severityLevel"], 1);
        let error = &errors[0]["data"]["baseData"];
        assert_eq!(
            (&error["severityLevel"], &error["properties"]["log.message"]),
            (&json!(3), &json!("no such chair"))
        );
        assert_eq!(error["exceptions"][0]["message"], "invalid digit found in string");
        assert!(error["exceptions"][0]["typeName"].as_str().unwrap().ends_with("ParseIntError"), "{error}");
        let outside = messages.iter().find(|item| item["data"]["baseData"]["message"] == "closing time").unwrap();
        assert!(outside["tags"].get("ai.operation.id").is_none());
    }
}

#[tokio::test]
async fn log_records_below_a_level_are_sampled_with_their_request() {
    let items = posted(SamplerSetting::AlwaysOff, "application_insights").await;
    let found: Vec<_> = items.iter().map(|item| (&item["data"]["baseType"], &item["sampleRate"])).collect();
    let (exception, message, all) = (json!("ExceptionData"), json!("MessageData"), json!(100.0));
    let is = |found: &(&Value, &Value), kind: &Value| found.0 == kind && found.1.as_f64() == all.as_f64();
    assert!(found.len() == 2 && is(&found[0], &exception) && is(&found[1], &message), "{found:?}");
}

#[tokio::test]
async fn log_record_has_the_sample_rate_of_its_request() {
    let half = || SamplerSetting::Probability(SamplingRate::try_from(0.5).unwrap());
    loop {
        let items = posted(half(), "application_insights").await;
        // Half of the requests are not kept.
        let Some(request) = of(&items, "RequestData").first().copied() else { continue };
        let messages = of(&items, "MessageData");
        let message = messages.iter().find(|item| item["data"]["baseData"]["message"] == "a chair was added").unwrap();
        assert_eq!((request["sampleRate"].as_f64(), message["sampleRate"].as_f64()), (Some(50.0), Some(50.0)));
        assert_eq!(of(&items, "ExceptionData")[0]["sampleRate"].as_f64(), Some(100.0), "errors are not sampled");
        return;
    }
}

/// The types of the items that a response with a cause leaves besides its request, with the properties of the first.
async fn items_of_failure(status: u16, arguments: Value) -> (Vec<&'static str>, String) {
    let logging = Logging::builder().build();
    let (telemetry, exporter) = in_memory(Settings::default().with_logging(&logging));
    let mut handler = json!({ "class": "application_insights" });
    handler.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    let configuration =
        json!({ "version": 1, "handlers": { "insights": handler }, "root": { "handlers": ["insights"] } });
    logging.configure(&configuration).unwrap();
    let service = service_fn(move |_: Request<()>| async move {
        let cause = "x".parse::<u8>().unwrap_err();
        let failure = Failure::with_cause(http::StatusCode::from_u16(status).unwrap(), cause);
        Ok::<_, Infallible>(failure.with_body(Empty::<Bytes>::new()))
    });
    OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(Request::new(())).await.unwrap();
    telemetry.flush(TIMEOUT).await;
    let items = exporter.items();
    let kinds = items.iter().filter_map(|item| match item {
        TelemetryItem::Message(_) => Some("message"),
        TelemetryItem::Exception(_) => Some("exception"),
        _ => None,
    });
    (kinds.collect(), format!("{items:?}"))
}

#[tokio::test]
async fn cause_of_a_response_below_500_is_a_property_unless_configured() {
    for status in [404, 409] {
        let (kinds, items) = items_of_failure(status, json!({})).await;
        assert_eq!(kinds, ["message"], "{status}: {items}");
        for text in ["error.type", "std::num::ParseIntError", "error.message", "invalid digit found in string"] {
            assert!(items.contains(text), "{status}: {text}: {items}");
        }
        assert!(!items.contains("code.file.path"), "{items}");
        let (kinds, items) = items_of_failure(status, json!({ "client_error_exceptions": true })).await;
        assert_eq!(kinds, ["exception"], "{status}: {items}");
    }
    assert_eq!(items_of_failure(503, json!({})).await.0, ["exception", "message"]);
}
