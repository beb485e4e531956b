//! A tracer provider whose spans go through a pipeline.

use opencensus_core::{Pipeline, Resource, Sampler};
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::request_sampler::RequestSampler;
use crate::resource::to_otel_resource;
use crate::span_processor::PipelineSpanProcessor;

/// Creates a tracer provider of OpenTelemetry's SDK whose spans go through the pipeline, and follow the requests that they are
/// below: [`PipelineSpanProcessor`] with [`RequestSampler`]. `roots` decides on spans without a parent. `resource` is for
/// other readers of the provider; role and role instance are those of the pipeline's exporter in any case.
///
/// # Examples
///
/// ```
/// use opencensus_core::{AlwaysOn, InMemoryExporter, Pipeline, PipelineLimits, Resource};
/// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
///
/// let exporter = InMemoryExporter::default();
/// let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None)?;
/// let resource = Resource::parse("service.name=shop")?;
/// let provider = opencensus_opentelemetry::tracer_provider(&pipeline, AlwaysOn, &resource);
/// provider.tracer("shop").in_span("reserve", |_| {});
/// provider.force_flush()?;
/// assert_eq!(exporter.spans().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn tracer_provider(pipeline: &Pipeline, roots: impl Sampler, resource: &Resource) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_sampler(RequestSampler::new(roots))
        .with_span_processor(PipelineSpanProcessor::new(pipeline))
        .with_resource(to_otel_resource(resource))
        .build()
}
