//! Any OpenTelemetry span exporter as an exporter of our pipeline.

use std::fmt;
use std::sync::Arc;

use opencensus_core::exporter::{Sending, Unencodable};
use opencensus_core::{Batch, Delivery, Exporter, QueryRedaction, Resource, Telemetry};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::convert::span_data;

/// Hands requests to an OpenTelemetry span exporter, as spans of kind server.
///
/// The exporter is driven on a thread of the worker's runtime on which blocking is allowed, so it
/// may be asynchronous on tokio, blocking, or neither. If it reports an error the batch is sent
/// again: OpenTelemetry's exporters do not tell which errors are final. Telemetry is suppressed
/// while it works.
pub struct OpenTelemetryExporter<E> {
    exporter: Arc<E>,
    scope: InstrumentationScope,
    redaction: QueryRedaction,
}

impl<E: SpanExporter + 'static> OpenTelemetryExporter<E> {
    /// Wraps the exporter, and tells it the resource.
    pub fn new(mut exporter: E, resource: &Resource) -> Self {
        let attributes = resource.iter().map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()));
        exporter.set_resource(&opentelemetry_sdk::Resource::builder_empty().with_attributes(attributes).build());
        let scope = InstrumentationScope::builder("opencensus").with_version(env!("CARGO_PKG_VERSION")).build();
        Self { exporter: Arc::new(exporter), scope, redaction: QueryRedaction::default() }
    }

    /// Redacts queries in this way.
    #[must_use]
    pub fn with_query_redaction(mut self, redaction: QueryRedaction) -> Self {
        self.redaction = redaction;
        self
    }

    fn spans(&self, batch: &Batch) -> Vec<SpanData> {
        let spans = batch.items().iter().filter_map(|item| match item {
            Telemetry::Request(record) => Some(span_data(record, self.redaction, &self.scope)),
            _ => None,
        });
        spans.collect()
    }
}

impl<E: SpanExporter + 'static> Exporter for OpenTelemetryExporter<E> {
    fn encode(&mut self, item: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
        if !matches!(item, Telemetry::Request(_)) {
            return Err(Unencodable::Unsupported);
        }
        batch.push_item(item);
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> Sending {
        let spans = self.spans(&batch);
        let exporter = Arc::clone(&self.exporter);
        let export = tokio::task::spawn_blocking(move || {
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            futures_executor::block_on(exporter.export(spans))
        });
        Box::pin(async {
            match export.await {
                Ok(Ok(())) => Delivery::Delivered,
                Ok(Err(_)) => Delivery::Retry { after: None },
                // The exporter panicked; let the pipeline say so.
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Delivery::Retry { after: None },
                },
            }
        })
    }
}

impl<E> fmt::Debug for OpenTelemetryExporter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenTelemetryExporter").field("scope", &self.scope).finish_non_exhaustive()
    }
}
