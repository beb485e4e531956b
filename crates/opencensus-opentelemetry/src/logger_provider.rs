//! A logger provider whose records go through a pipeline.

use opencensus_core::{Pipeline, Resource};
use opentelemetry_sdk::logs::SdkLoggerProvider;

use crate::log_processor::PipelineLogProcessor;
use crate::resource::to_otel_resource;

/// Creates a logger provider of OpenTelemetry's SDK whose records go through the pipeline, and follow the requests that they are
/// below: [`PipelineLogProcessor`]. `resource` is for other readers of the provider; role and role instance are those of the
/// pipeline's exporter in any case.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits, Resource};
/// use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
///
/// let exporter = InMemoryExporter::default();
/// let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None)?;
/// let provider = opencensus_opentelemetry::logger_provider(&pipeline, &Resource::default());
/// let logger = provider.logger("shop");
/// let mut record = logger.create_log_record();
/// record.set_body("out of stock".into());
/// logger.emit(record);
/// provider.force_flush()?;
/// assert_eq!(exporter.messages().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn logger_provider(pipeline: &Pipeline, resource: &Resource) -> SdkLoggerProvider {
    SdkLoggerProvider::builder()
        .with_log_processor(PipelineLogProcessor::new(pipeline))
        .with_resource(to_otel_resource(resource))
        .build()
}
