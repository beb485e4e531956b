//! A pipeline as an exporter of spans.

use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{Pipeline, Resource, TelemetryItem};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::pipeline_exporter::flush::{DEFAULT_DEADLINE, flush};
use crate::resource::from_otel_resource;
use crate::telemetry_items::telemetry_items;

/// A span exporter for OpenTelemetry's SDK that submits spans to a [`Pipeline`], which batches, retries,
/// bounds and counts them. It needs no runtime, so it works with every span processor of the SDK.
///
/// The events of a span become separate telemetry items.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
/// use opencensus_opentelemetry::PipelineSpanExporter;
/// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let provider =
///     SdkTracerProvider::builder().with_batch_exporter(PipelineSpanExporter::new(pipeline.clone())).build();
/// provider.tracer("shop").in_span("reserve", |_| {});
/// provider.shutdown()?;
/// assert_eq!(pipeline.stats().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PipelineSpanExporter {
    pipeline: Pipeline,
    resource: Arc<Resource>,
}

impl PipelineSpanExporter {
    /// Creates an exporter that submits to this pipeline.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self { pipeline, resource: Arc::default() }
    }

    /// Converts a finished span of the process that `resource` describes: the span first, then its
    /// events. [`export`](SpanExporter::export) submits these items.
    ///
    /// The sampling rate is that of Microsoft's attributes `_MS.sampleRate` or `microsoft.sample_rate`,
    /// else that of `ot=th` in the span's `tracestate`, else 1.
    #[must_use]
    pub fn telemetry_items(span: SpanData, resource: &Arc<Resource>) -> Vec<TelemetryItem> {
        telemetry_items(span, Some(resource))
    }
}

impl SpanExporter for PipelineSpanExporter {
    /// Submits the spans and returns. The pipeline counts those that it refuses because it is full or
    /// closed.
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        for span in batch {
            telemetry_items(span, Some(&self.resource)).into_iter().for_each(|item| self.pipeline.submit(item));
        }
        Ok(())
    }

    /// Blocks until the queued items are sent, for 5 s at most.
    fn force_flush(&self) -> OTelSdkResult {
        flush(&self.pipeline, DEFAULT_DEADLINE)
    }

    /// Blocks until the queued items are sent. The pipeline keeps running until its last handle is
    /// dropped.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        flush(&self.pipeline, timeout)
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        self.resource = Arc::new(from_otel_resource(resource));
    }
}
