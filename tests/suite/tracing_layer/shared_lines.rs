//! Beside the logging handler, a line is one item.

use opencensus::observers::TelemetryHandler;
use opencensus::tracing::Options;
use opencensus::{InMemoryExporter, Settings};
use opencensus_logging::frontend::tracing::layer as front_end;
use opencensus_logging::{Level, Logging};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::handle;
use crate::support::in_memory;
use test_support::TIMEOUT;

/// The lines that the logging handler and the layer send, whichever comes first in the subscriber.
async fn lines(options: Option<Options>, layer_first: bool) -> Vec<String> {
    let (telemetry, exporter): (_, InMemoryExporter) = in_memory(Settings::default());
    let logging = Logging::builder().build();
    let handler = TelemetryHandler::new(telemetry.pipeline().unwrap());
    logging.add_handler("", "insights", Level::DEBUG, handler);
    logging.set_level("", Level::DEBUG);
    let dispatch: tracing::Dispatch = match (options, layer_first) {
        (Some(options), true) => {
            tracing_subscriber::registry().with(options.layer(&telemetry)).with(front_end(&logging)).into()
        }
        (Some(options), false) => {
            tracing_subscriber::registry().with(front_end(&logging)).with(options.layer(&telemetry)).into()
        }
        (None, _) => tracing_subscriber::registry().with(front_end(&logging)).into(),
    };
    let _default = tracing::dispatcher::set_default(&dispatch);
    let emit = |place: &str| {
        tracing::info!("event {place}");
        tracing::debug!("detail {place}");
        logging.get_logger("shop").info(format!("record {place}"));
    };
    emit("outside");
    handle(&telemetry, 200, async { emit("inside") }).await;
    assert!(telemetry.flush(TIMEOUT).wait().complete);
    let mut lines: Vec<_> = exporter.messages().iter().map(|message| message.message.to_string()).collect();
    lines.sort();
    lines
}

const ALL: [&str; 6] =
    ["detail inside", "detail outside", "event inside", "event outside", "record inside", "record outside"];

#[tokio::test]
async fn line_is_one_item_whichever_layer_comes_first_and_what_the_layer_leaves_is_the_handlers() {
    for layer_first in [true, false] {
        assert_eq!(lines(Some(Options::default()), layer_first).await, ALL, "{layer_first}");
        assert_eq!(lines(Some(Options::default().with_events(false)), layer_first).await, ALL, "{layer_first}");
    }
    assert_eq!(lines(None, false).await, ALL);
}

/// Takes everything.
struct Everything;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Everything {}

#[tokio::test]
async fn question_whether_a_level_is_enabled_does_not_lose_the_next_line() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let logging = Logging::builder().build();
    logging.add_handler("", "insights", Level::DEBUG, TelemetryHandler::new(telemetry.pipeline().unwrap()));
    logging.set_level("quiet", Level::ERROR);
    let subscriber =
        tracing_subscriber::registry().with(front_end(&logging)).with(Everything.with_filter(LevelFilter::TRACE));
    let _default = tracing::subscriber::set_default(subscriber);
    for line in ["first", "second"] {
        // As the middleware does for each response. Another layer takes the target.
        assert!(tracing::enabled!(target: "quiet", tracing::Level::WARN));
        tracing::warn!("the {line} line");
    }
    assert!(telemetry.flush(TIMEOUT).wait().complete);
    let lines: Vec<_> = exporter.messages().iter().map(|message| message.message.to_string()).collect();
    assert_eq!(lines, ["the first line", "the second line"]);
}
