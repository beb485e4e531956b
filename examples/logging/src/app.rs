//! A shop on axum, and the filter class of its third configuration.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::{get, post};
use opencensus::logging::filters::{CallbackFilter, Filter};
use opencensus::logging::{Logging, LoggingBuilder};
use opencensus::{Failure, OpenCensusLayer, RequestTelemetry, SuspiciousOperation, Telemetry};

/// Registers the filter class that the third configuration uses. The filter rejects records whose message contains the
/// word `foo`.
pub(super) fn logging() -> LoggingBuilder {
    Logging::builder().with_filter_class("project.logging.SpecialFilter", |arguments| {
        let word = arguments.required_text("foo")?;
        Ok(Arc::new(CallbackFilter::new(move |record| !record.message.contains(&word))) as Arc<dyn Filter>)
    })
}

/// The routes of the shop, which log to the loggers of `logging`.
pub(super) fn app(telemetry: Telemetry, logging: &Logging) -> Router {
    let custom = logging.get_logger("myproject.custom");
    let order = async move |request: RequestTelemetry, Form(fields): Form<Vec<(String, String)>>| {
        // Adds the form fields to the error report, which hides the values of fields such as `password`.
        request.set_form(fields);
        request.set_user("ann");
        custom.error("an order failed");
        Err::<(), _>(Failure::from(std::io::Error::other("the stock list is on fire")))
    };
    Router::new()
        .route("/", get(|| async { "welcome" }))
        .route("/orders", post(order))
        .route("/files/{name}", get(file))
        .layer(OpenCensusLayer::new(telemetry))
}

async fn file(Path(name): Path<String>) -> Result<String, Failure> {
    if name.contains("..") {
        return Err(SuspiciousOperation::new("SuspiciousFileOperation", "a file outside of the shop").into());
    }
    Err(Failure::not_found())
}
