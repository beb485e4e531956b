//! Any OpenTelemetry span exporter as an exporter of our pipeline.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use opencensus_core::exporter::{EncodeError, SendFuture};
use opencensus_core::{Batch, Delivery, DropReason, Exporter, Resource, TelemetryItem};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tracing::dispatcher::{self, Dispatch};

use crate::span_data::span_data;

/// How often a batch is tried before it is given up.
const ATTEMPTS: u32 = 10;

/// Hands requests to an OpenTelemetry span exporter, as spans of kind server.
///
/// The exporter is driven on a thread of the worker's runtime on which blocking is allowed, so it
/// may be asynchronous on tokio, blocking, or neither. If it reports an error the batch is sent
/// again, up to ten times: OpenTelemetry's exporters do not tell which errors are final. Telemetry is
/// suppressed while it works. When the pipeline ends, the exporter is shut down.
pub struct OpenTelemetryExporter<E> {
    exporter: Arc<E>,
    scope: InstrumentationScope,
    // Failures in a row.
    failures: Arc<AtomicU32>,
}

impl<E: SpanExporter + 'static> OpenTelemetryExporter<E> {
    /// Wraps the exporter, and tells it the resource.
    pub fn new(mut exporter: E, resource: &Resource) -> Self {
        let attributes = resource.iter().map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()));
        exporter.set_resource(&opentelemetry_sdk::Resource::builder_empty().with_attributes(attributes).build());
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
            dispatcher::with_default(&Dispatch::none(), || futures_executor::block_on(exporter.export(spans)))
        });
        let failures = Arc::clone(&self.failures);
        Box::pin(async move {
            match export.await {
                Ok(Ok(())) => {
                    failures.store(0, Ordering::Relaxed);
                    Delivery::Delivered
                }
                Ok(Err(OTelSdkError::AlreadyShutdown)) => rejected(),
                Ok(Err(_)) if failures.fetch_add(1, Ordering::Relaxed) + 1 < ATTEMPTS => {
                    Delivery::Retry { after: None }
                }
                Ok(Err(_)) => {
                    failures.store(0, Ordering::Relaxed);
                    rejected()
                }
                // The exporter panicked; let the pipeline say so.
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Delivery::Retry { after: None },
                },
            }
        })
    }

    fn stop(&mut self, within: Duration) {
        let _ = self.exporter.shutdown_with_timeout(within);
    }
}

fn rejected() -> Delivery {
    Delivery::Dropped { reason: DropReason::Rejected, pause: None }
}

impl<E> fmt::Debug for OpenTelemetryExporter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenTelemetryExporter").field("scope", &self.scope).finish_non_exhaustive()
    }
}
