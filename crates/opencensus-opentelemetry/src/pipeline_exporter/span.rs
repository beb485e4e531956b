//! Our pipeline as an exporter of OpenTelemetry's SDK.

use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{Pipeline, Resource};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::span_data::resource;
use crate::telemetry_items::telemetry;

/// How long a flush may take that has no deadline of its own.
pub(crate) const FLUSH: Duration = Duration::from_secs(5);

/// Sends what is queued.
pub(crate) fn flush(pipeline: &Pipeline, deadline: Duration) -> OTelSdkResult {
    if pipeline.flush(deadline).wait().complete { Ok(()) } else { Err(OTelSdkError::Timeout(deadline)) }
}

/// Hands OpenTelemetry's spans to a pipeline, whose worker sends them: batching, retry, bounds and counters
/// are the pipeline's. No runtime is needed where it is called, so every processor of the SDK may drive it.
///
/// What happened during a span (its events) travels as items of their own.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
/// use opencensus_opentelemetry::PipelineSpanExporter;
/// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let seen = InMemoryExporter::default();
/// let pipeline = Pipeline::start(Box::new(seen.clone()), PipelineLimits::default(), None)?;
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
    /// Hands spans to this pipeline, which others may use as well.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self { pipeline, resource: Arc::default() }
    }
}

impl SpanExporter for PipelineSpanExporter {
    /// Only hands over; what is refused because the pipeline is full or closed is counted there.
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        for span in batch {
            telemetry(span, &self.resource).into_iter().for_each(|item| self.pipeline.submit(item));
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        flush(&self.pipeline, FLUSH)
    }

    /// Sends what is queued. The pipeline goes on for others; it ends with its last handle.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        flush(&self.pipeline, timeout)
    }

    fn set_resource(&mut self, of_sdk: &opentelemetry_sdk::Resource) {
        self.resource = Arc::new(resource(of_sdk));
    }
}
