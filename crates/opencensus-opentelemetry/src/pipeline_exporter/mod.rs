//! A pipeline as an exporter of OpenTelemetry's SDK: spans, logs and metrics.

mod flush;
#[cfg(feature = "logs")]
mod log;
#[cfg(feature = "metrics")]
mod metric;
mod span;

#[cfg(feature = "logs")]
pub use log::PipelineLogExporter;
#[cfg(feature = "metrics")]
pub use metric::PipelineMetricExporter;
pub use span::PipelineSpanExporter;
