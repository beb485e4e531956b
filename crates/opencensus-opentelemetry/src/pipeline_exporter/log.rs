//! A pipeline as an exporter of log records.

use std::sync::Arc;
use std::time::Duration;

use opencensus_core::{Pipeline, Resource, SamplingRate};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, SdkLogRecord};

use crate::in_use::InUse;
use crate::log_item::log_item;
use crate::log_lines;
use crate::own_lines::is_own;
use crate::pipeline_exporter::flush::flush;
use crate::resource::from_otel_resource;
use crate::span_context::{span_id, trace_id};
use crate::traced_requests;

/// A log exporter for OpenTelemetry's SDK that submits records to a [`Pipeline`]. It needs no runtime. Where a log processor
/// can be chosen, [`PipelineLogProcessor`](crate::PipelineLogProcessor) does the same at once, and exactly.
///
/// A record that is logged below a request of the middleware belongs to it: it has the operation's name and the rate of the
/// request, is sent if the request is kept, and waits for the request's end if that decides. The latest 8,192 requests are
/// remembered for that, while there is an exporter; the record of an older one is sent if its trace is sampled, as are
/// records in other spans.
///
/// A record with the attribute `microsoft.custom_event.name` becomes a custom event, one with
/// `exception.type` or `exception.message` an exception, any other a message. A message without a body is the name of
/// its event, else its fields as `key=value`; lists and maps become JSON.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
/// use opencensus_opentelemetry::PipelineLogExporter;
/// use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
/// use opentelemetry_sdk::logs::SdkLoggerProvider;
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let provider =
///     SdkLoggerProvider::builder().with_batch_exporter(PipelineLogExporter::new(pipeline.clone())).build();
/// let logger = provider.logger("shop");
/// let mut record = logger.create_log_record();
/// record.set_body("out of stock".into());
/// logger.emit(record);
/// provider.shutdown()?;
/// assert_eq!(pipeline.stats().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PipelineLogExporter {
    pipeline: Pipeline,
    resource: Arc<Resource>,
    follows_requests: bool,
    _remembering: Arc<(InUse, InUse)>,
}

impl PipelineLogExporter {
    /// Creates an exporter that submits to this pipeline.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        let remembering = Arc::new((traced_requests::remember(), log_lines::record_source()));
        Self { pipeline, resource: Arc::default(), follows_requests: true, _remembering: remembering }
    }

    /// Whether records are sampled with their request or span. Otherwise all are sent. Default: true.
    #[must_use]
    pub fn with_request_sampling(mut self, enabled: bool) -> Self {
        self.follows_requests = enabled;
        self
    }

    fn submit(&self, record: &SdkLogRecord) {
        if record.target().is_some_and(|target| is_own(target)) || log_lines::is_sent(record) {
            return;
        }
        let item = || log_item(record, Some(&self.resource), SamplingRate::ALL);
        let Some(place) = record.trace_context().filter(|_| self.follows_requests) else {
            return self.pipeline.submit(item());
        };
        match traced_requests::find(trace_id(place.trace_id), std::iter::once(span_id(place.span_id))) {
            Some(request) => request.submit_with(|| Some(item())),
            None if place.trace_flags.is_some_and(|flags| !flags.is_sampled()) => {}
            None => self.pipeline.submit(item()),
        }
    }
}

impl LogExporter for PipelineLogExporter {
    /// Submits the records and returns. The pipeline counts those that it refuses because it is full or
    /// closed.
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        batch.iter().for_each(|(record, _)| self.submit(record));
        Ok(())
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
