//! Records of a request carry its trace.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::sampling::{SamplerSetting, SamplingRate};
use opencensus::{OpenCensusLayer, RequestTelemetry, Settings};
use opencensus_logging::Logging;
use opencensus_logging::handlers::Stream;
use serde_json::json;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::SettingsExt as _;

fn logging() -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "ids": { "format": "%(trace_id)s %(span_id)s %(message)s" } },
        "handlers": { "console": { "class": "console", "formatter": "ids" } },
        "root": { "handlers": ["console"], "level": "DEBUG" },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

/// The ids that a request handler reads, and the lines that it logs.
async fn ids(settings: Settings) -> (String, String) {
    let telemetry = settings.start_with(opencensus::core::InMemoryExporter::default()).unwrap();
    let (logging, stderr) = logging();
    let logging = Arc::new(logging);
    let service = service_fn(|_: Request<()>| {
        let logging = Arc::clone(&logging);
        async move {
            tokio::task::yield_now().await;
            logging.get_logger("shop").info("here");
            let context = RequestTelemetry::current().context().unwrap();
            let ids = format!("{} {}", context.trace_id(), context.span_id());
            Ok::<_, Infallible>(Response::builder().header("ids", ids).body(Empty::<Bytes>::new()).unwrap())
        }
    });
    let request = Request::get("/").header("host", "shop.example").body(()).unwrap();
    let response = OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
    logging.get_logger("shop").info("outside");
    assert!(logging.flush(TIMEOUT));
    telemetry.shutdown(TIMEOUT).await;
    (response.headers()["ids"].to_str().unwrap().to_owned(), stderr.text())
}

#[tokio::test]
async fn records_of_a_request_carry_its_trace_with_opentelemetrys_context_and_without() {
    let never = || SamplerSetting::Probability(SamplingRate::try_from(0.0).unwrap());
    for settings in [
        Settings::default(),
        Settings::default().with(|s| s.trace.opentelemetry_context = false),
        Settings::default().with_sampler(never()),
        Settings::default().with_sampler(never()).with(|s| s.trace.opentelemetry_context = false),
    ] {
        let (ids, lines) = ids(settings).await;
        assert_eq!(lines, format!("{ids} here\nNone None outside\n"));
    }
}
