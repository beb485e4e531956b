//! An OpenTelemetry span exporter as an exporter of a pipeline.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use opencensus_core::exporter::{EncodeError, SendFuture};
use opencensus_core::{Batch, Delivery, DropReason, Exporter, FailureCause, Resource, TelemetryItem};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tracing::dispatcher::{self, Dispatch};
use tracing::subscriber::NoSubscriber;

use crate::resource::to_otel_resource;
use crate::span_data::span_data;

/// Attempts to send a batch before it is dropped.
const MAX_ATTEMPTS: u32 = 10;

/// An exporter that sends requests through an OpenTelemetry [`SpanExporter`], as spans of kind server.
/// Other telemetry items are dropped as unsupported.
///
/// The span exporter runs on a blocking thread of the worker's runtime, so it may block or use tokio.
/// After an error the batch is sent again, ten attempts in all, because OpenTelemetry's exporters do not
/// report which errors are permanent. Telemetry is suppressed while the exporter runs. The end of the
/// pipeline shuts it down.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Pipeline, PipelineLimits, Resource};
/// use opencensus_opentelemetry::OpenTelemetryExporter;
///
/// let resource = Resource::parse("service.name=shop")?;
/// let exporter = OpenTelemetryExporter::new(opentelemetry_stdout::SpanExporter::default(), &resource);
/// let pipeline = Pipeline::start(Box::new(exporter), PipelineLimits::default(), None)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct OpenTelemetryExporter<E> {
    exporter: Arc<E>,
    scope: InstrumentationScope,
    // Consecutive failures.
    failures: Arc<AtomicU32>,
}

impl<E: SpanExporter + 'static> OpenTelemetryExporter<E> {
    /// Wraps a span exporter and sets its resource.
    pub fn new(mut exporter: E, resource: &Resource) -> Self {
        exporter.set_resource(&to_otel_resource(resource));
        let scope = InstrumentationScope::builder("opencensus").with_version(env!("CARGO_PKG_VERSION")).build();
        Self { exporter: Arc::new(exporter), scope, failures: Arc::default() }
    }

    fn spans(&self, batch: &Batch) -> Vec<SpanData> {
        let spans = batch.items().iter().filter_map(|item| match item {
            TelemetryItem::Request(record) => Some(span_data(record, &self.scope)),
            _ => None,
        });
        spans.collect()
    }
}

impl<E: SpanExporter + 'static> Exporter for OpenTelemetryExporter<E> {
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        if !matches!(item, TelemetryItem::Request(_)) {
            return Err(EncodeError::Unsupported);
        }
        batch.push_item(item);
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        let spans = self.spans(&batch);
        let exporter = Arc::clone(&self.exporter);
        let export = tokio::task::spawn_blocking(move || {
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            without_tracing(|| futures_executor::block_on(exporter.export(spans)))
        });
        let failures = Arc::clone(&self.failures);
        Box::pin(async move {
            match export.await {
                Ok(Ok(())) => {
                    failures.store(0, Ordering::Relaxed);
                    Delivery::Delivered.into()
                }
                Ok(Err(error)) => failed(&error, &failures).because(FailureCause::from_error(&error)),
                // The exporter panicked: pass the panic on to the pipeline.
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(error) => Delivery::Retry { after: None }.because(FailureCause::from_error(&error)),
                },
            }
        })
    }

    fn stop(&mut self, within: Duration) {
        let _ = self.exporter.shutdown_with_timeout(within);
    }
}

/// Suppresses `tracing` on this thread, if there is anything to suppress: with the first scoped dispatcher, `tracing`
/// stops to pass on events to the `log` crate, for the whole process.
fn without_tracing<T>(work: impl FnOnce() -> T) -> T {
    let has_subscriber = dispatcher::get_default(|dispatch| !dispatch.is::<NoSubscriber>());
    if has_subscriber { dispatcher::with_default(&Dispatch::none(), work) } else { work() }
}

/// The delivery after an error: another attempt, unless there were too many in a row.
fn failed(error: &OTelSdkError, failures: &AtomicU32) -> Delivery {
    let is_shut_down = matches!(error, OTelSdkError::AlreadyShutdown);
    if !is_shut_down && failures.fetch_add(1, Ordering::Relaxed) + 1 < MAX_ATTEMPTS {
        return Delivery::Retry { after: None };
    }
    failures.store(0, Ordering::Relaxed);
    Delivery::Dropped { reason: DropReason::Rejected, pause: None }
}

impl<E> fmt::Debug for OpenTelemetryExporter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenTelemetryExporter").field("scope", &self.scope).finish_non_exhaustive()
    }
}
