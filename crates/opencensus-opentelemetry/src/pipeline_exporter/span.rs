//! A pipeline as an exporter of spans.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{Current, Pipeline, Resource, TelemetryItem};
use opentelemetry::trace::SpanId as OtelSpanId;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::in_use::InUse;
#[cfg(feature = "logs")]
use crate::log_lines;
use crate::own_lines;
use crate::pipeline_exporter::flush::{DEFAULT_DEADLINE, flush};
use crate::resource::from_otel_resource;
use crate::span_context::{span_id, trace_id};
use crate::telemetry_items::{items_below, telemetry_items};
use crate::traced_requests;

/// A span exporter for OpenTelemetry's SDK that submits spans to a [`Pipeline`], which batches, retries,
/// bounds and counts them. It needs no runtime, so it works with every span processor of the SDK.
///
/// The events of a span become separate telemetry items.
///
/// A span below a request of the middleware belongs to it: it has the operation's name and the rate of the request, is sent if
/// the request is kept, and waits for the request's end if that decides. Without a service name, which OpenTelemetry calls
/// `unknown_service:…`, it has the role of the pipeline's exporter. A server's span right below the request is an operation of
/// the process, so that the request is counted once.
///
/// The exporter receives spans that have ended, after their requests perhaps. The latest 8,192 requests, of about a kilobyte each, are remembered for
/// that, while there is an exporter, which costs each request an access to a map; the span of an older request is sent at the rate that it
/// carries. If a trace has several requests of this process, the span belongs to the one that it is below as far as the spans of
/// its batch show that, otherwise to the latest one. The SDK's processors pass on sampled spans only, so the spans of a request that is
/// kept at its end alone are missing: [`PipelineSpanProcessor`](crate::PipelineSpanProcessor) has none of these limits.
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
    _remembering: Arc<Remembering>,
}

/// What is remembered for the exporter.
#[derive(Debug)]
struct Remembering {
    _requests: InUse,
    #[cfg(feature = "logs")]
    _lines: InUse,
}

/// The parents of the spans of a batch, as far as they are spans of this process.
type Parents = HashMap<OtelSpanId, OtelSpanId>;

impl PipelineSpanExporter {
    /// Creates an exporter that submits to this pipeline.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        let remembering = Remembering {
            _requests: traced_requests::remember(),
            #[cfg(feature = "logs")]
            _lines: log_lines::event_source(),
        };
        Self { pipeline, resource: Arc::default(), _remembering: Arc::new(remembering) }
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

    fn submit(&self, mut span: SpanData, parents: &Parents) {
        own_lines::remove(&mut span);
        #[cfg(feature = "logs")]
        log_lines::remove_sent(&mut span);
        match request_above(&span, parents) {
            Some(request) if request.drops_items() => request.submit_with(|| None),
            Some(request) => {
                let items = items_below(&request, span, Some(&self.resource));
                items.into_iter().for_each(|item| request.submit(item));
            }
            None => {
                let items = telemetry_items(span, Some(&self.resource));
                items.into_iter().for_each(|item| self.pipeline.submit(item));
            }
        }
    }
}

impl SpanExporter for PipelineSpanExporter {
    /// Submits the spans and returns. The pipeline counts those that it refuses because it is full or
    /// closed.
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let local = batch.iter().filter(|span| !span.parent_span_is_remote);
        let parents: Parents = local.map(|span| (span.span_context.span_id(), span.parent_span_id)).collect();
        for span in batch {
            self.submit(span, &parents);
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

/// The request that a span is below.
fn request_above(span: &SpanData, parents: &Parents) -> Option<Current> {
    let trace = trace_id(span.span_context.trace_id());
    if span.parent_span_id == OtelSpanId::INVALID || span.parent_span_is_remote {
        // A request that is not recorded is a remote parent.
        return traced_requests::with_span(trace, span_id(span.parent_span_id));
    }
    // Ids are random; a batch with a loop of parents must not hang all the same.
    let ancestors = std::iter::successors(Some(span.parent_span_id), |span| parents.get(span).copied());
    traced_requests::find(trace, ancestors.take(parents.len() + 1).map(span_id))
}
