//! A log processor that submits records to a pipeline.

use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{Current, Pipeline, SamplingRate, TraceState, WeakPipeline, current};
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, TraceContext};

use crate::in_use::InUse;
use crate::log_item::log_item;
use crate::log_lines;
use crate::own_lines::is_own;
use crate::request_spans::REQUEST_SPANS;
use crate::sampling_rate::from_trace_state;
use crate::span_context::trace_id;
use crate::writable_span::request_of;

/// The deadline of a flush for which the SDK names none.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// A log processor for OpenTelemetry's SDK that submits each record to a [`Pipeline`] at once. It has no thread and no queue:
/// those of the pipeline suffice.
///
/// A record that is logged below a request of the middleware belongs to it: it has the operation's name and the rate of the
/// request, is sent if the request is kept, and waits for the request's end if that decides. Records in other spans are sent
/// if the span is sampled, at its rate. Records outside of spans are always sent. The kinds of items are those of
/// [`PipelineLogExporter`](crate::PipelineLogExporter).
///
/// A line of the crate `tracing` that tracing-opentelemetry makes an event of a span, and opentelemetry-appender-tracing a log
/// record, is one item. The lines of 8,192 groups with one span, level and target are remembered for that. Lines with the
/// targets of the middleware's own events (`opencensus`, `opencensus.request` and so on) are left out, because the items of
/// the requests have what they state.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
/// use opencensus_opentelemetry::PipelineLogProcessor;
/// use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
/// use opentelemetry_sdk::logs::SdkLoggerProvider;
///
/// let exporter = InMemoryExporter::default();
/// let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None)?;
/// let provider = SdkLoggerProvider::builder().with_log_processor(PipelineLogProcessor::new(&pipeline)).build();
/// let logger = provider.logger("shop");
/// let mut record = logger.create_log_record();
/// record.set_body("out of stock".into());
/// logger.emit(record);
/// provider.force_flush()?;
/// assert_eq!(exporter.messages()[0].message, "out of stock");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PipelineLogProcessor {
    pipeline: WeakPipeline,
    follows_requests: bool,
    _source: Arc<InUse>,
}

impl PipelineLogProcessor {
    /// Creates a processor that submits to this pipeline.
    #[must_use]
    pub fn new(pipeline: &Pipeline) -> Self {
        let source = Arc::new(log_lines::record_source());
        Self { pipeline: pipeline.downgrade(), follows_requests: true, _source: source }
    }

    /// Whether records are sampled with their request or span. Otherwise all are sent. Default: true.
    #[must_use]
    pub fn with_request_sampling(mut self, enabled: bool) -> Self {
        self.follows_requests = enabled;
        self
    }
}

impl LogProcessor for PipelineLogProcessor {
    /// Submits the record, unless its request or span is not kept.
    fn emit(&self, record: &mut SdkLogRecord, _: &InstrumentationScope) {
        if record.target().is_some_and(|target| is_own(target)) || log_lines::is_sent(record) {
            return;
        }
        let Some(place) = record.trace_context().filter(|_| self.follows_requests) else {
            return self.pipeline.submit(log_item(record, None, SamplingRate::ALL));
        };
        match request_around(place) {
            Some(request) => request.submit_with(|| Some(log_item(record, None, SamplingRate::ALL))),
            None if place.trace_flags.is_some_and(|flags| !flags.is_sampled()) => {}
            None => self.pipeline.submit(log_item(record, None, rate_of_span(place))),
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

/// The request that a record was logged below.
fn request_around(place: &TraceContext) -> Option<Current> {
    let of_thread = || current::get().filter(|request| request.context().trace_id() == trace_id(place.trace_id));
    let of_context = || with_span_of(place, |context, _| request_of(context)).flatten().map(Current::Recording);
    REQUEST_SPANS.request_of(place.span_id).or_else(of_thread).or_else(of_context)
}

/// The rate of the span that a record was logged in. One without a rate counts once.
fn rate_of_span(place: &TraceContext) -> SamplingRate {
    let state = with_span_of(place, |_, span| span.trace_state().header()).unwrap_or_default();
    let state = TraceState::from_lines(std::iter::once(state.as_bytes()));
    state.as_ref().and_then(from_trace_state).unwrap_or(SamplingRate::ALL)
}

fn with_span_of<T>(place: &TraceContext, read: impl FnOnce(&Context, &SpanContext) -> T) -> Option<T> {
    let context = Context::current();
    let span = context.span();
    let span = span.span_context();
    (span.span_id() == place.span_id).then(|| read(&context, span))
}
