#![doc = include_str!("../README.md")]

mod active_span;
#[cfg(feature = "logs")]
mod any_value;
mod attribute;
mod context;
mod exporter;
mod in_use;
mod known_text;
#[cfg(feature = "logs")]
mod log_item;
#[cfg(feature = "logs")]
mod log_lines;
#[cfg(feature = "logs")]
mod log_processor;
#[cfg(feature = "logs")]
mod logger_provider;
mod own_lines;
mod parent_request;
mod pipeline_exporter;
mod rate_state;
mod request_sampler;
mod request_spans;
mod resource;
mod sampler;
mod sampling_rate;
mod span_context;
mod span_data;
mod span_processor;
mod suppression;
mod telemetry_items;
mod traced_requests;
mod tracer_provider;
mod writable_span;

pub use active_span::active_span;
pub use context::RequestContextExt;
pub use exporter::OpenTelemetryExporter;
#[cfg(feature = "logs")]
pub use log_processor::PipelineLogProcessor;
#[cfg(feature = "logs")]
pub use logger_provider::logger_provider;
#[cfg(feature = "logs")]
pub use opentelemetry_sdk::logs::SdkLoggerProvider;
pub use opentelemetry_sdk::trace::SdkTracerProvider;
#[cfg(feature = "logs")]
pub use pipeline_exporter::PipelineLogExporter;
#[cfg(feature = "metrics")]
pub use pipeline_exporter::PipelineMetricExporter;
pub use pipeline_exporter::PipelineSpanExporter;
pub use request_sampler::RequestSampler;
pub use sampler::OpenTelemetrySampler;
pub use span_processor::PipelineSpanProcessor;
pub use suppression::SuppressionGuard;
pub use tracer_provider::tracer_provider;
