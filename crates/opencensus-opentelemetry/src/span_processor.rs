//! A span processor that submits ended spans to a pipeline.

use std::time::Duration;

use opencensus_core::{Pipeline, WeakPipeline};
use opentelemetry::Context;
use opentelemetry::trace::Span as _;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use crate::own_lines;
use crate::parent_request::parent_request;
use crate::request_spans::{Ended, REQUEST_SPANS};
use crate::telemetry_items::{items_below, telemetry_items};

/// The deadline of a flush for which the SDK names none.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// A span processor for OpenTelemetry's SDK that submits each span to a [`Pipeline`] when it ends, on the thread that ends it.
/// It has no thread and no queue: those of the pipeline suffice.
///
/// A span below a request of the middleware belongs to it: it has the operation's name and the rate of the request, is sent
/// if the request is kept, and waits for the request's end if that decides. This also holds for spans in other tasks and on
/// other threads, if their parent is set (`FutureExt::with_current_context`, `Context::attach`). Such a span goes to the
/// pipeline of its request. Spans outside of requests are sent if they are sampled. The role and the role instance are those
/// of the pipeline's exporter, whatever the resource of the provider is. A server's span right below the request, which another
/// middleware records, is an operation of the process, so that the request is counted once.
///
/// The request of a span is remembered from its start to its end: for 65,536 open spans, and for the latest 1,024 that have
/// ended, whose children may begin later. Spans beyond that are sent as if they were outside of requests. The processor does not
/// keep the pipeline running.
///
/// # Examples
///
/// ```
/// use opencensus_core::{AlwaysOn, InMemoryExporter, Pipeline, PipelineLimits};
/// use opencensus_opentelemetry::{PipelineSpanProcessor, RequestSampler};
/// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let exporter = InMemoryExporter::default();
/// let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None)?;
/// let provider = SdkTracerProvider::builder()
///     .with_sampler(RequestSampler::new(AlwaysOn))
///     .with_span_processor(PipelineSpanProcessor::new(&pipeline))
///     .build();
/// provider.tracer("shop").in_span("reserve", |_| {});
/// provider.force_flush()?;
/// assert_eq!(exporter.spans()[0].name, "reserve");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PipelineSpanProcessor {
    pipeline: WeakPipeline,
    #[cfg(feature = "logs")]
    _source: std::sync::Arc<crate::in_use::InUse>,
}

impl PipelineSpanProcessor {
    /// Creates a processor that submits to this pipeline.
    #[must_use]
    pub fn new(pipeline: &Pipeline) -> Self {
        Self {
            pipeline: pipeline.downgrade(),
            #[cfg(feature = "logs")]
            _source: std::sync::Arc::new(crate::log_lines::event_source()),
        }
    }
}

impl SpanProcessor for PipelineSpanProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        if let Some(request) = parent_request(context) {
            REQUEST_SPANS.begin(span.span_context().span_id(), request);
        }
    }

    /// Submits the span, unless its request is not kept.
    fn on_end(&self, span: SpanData) {
        match REQUEST_SPANS.end(span.span_context.span_id()) {
            Ended::Below(request) if request.drops_items() => request.submit_with(|| None),
            Ended::Below(request) => {
                items_below(&request, without_lines(span), None).into_iter().for_each(|item| request.submit(item));
            }
            Ended::Outside if span.span_context.is_sampled() => {
                telemetry_items(without_lines(span), None).into_iter().for_each(|item| self.pipeline.submit(item));
            }
            Ended::Outside | Ended::Before => {}
        }
    }

    /// Blocks until the queued items are sent, for 5 s at most.
    fn force_flush(&self) -> OTelSdkResult {
        self.shutdown_with_timeout(DEFAULT_DEADLINE)
    }

    /// Blocks until the queued items are sent. The pipeline keeps running.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let report = self.pipeline.flush(timeout).wait();
        if report.complete { Ok(()) } else { Err(OTelSdkError::Timeout(timeout)) }
    }
}

/// The span without the events of the middleware's own lines, and those that are log records, too.
fn without_lines(mut span: SpanData) -> SpanData {
    own_lines::remove(&mut span);
    #[cfg(feature = "logs")]
    crate::log_lines::remove_sent(&mut span);
    span
}
