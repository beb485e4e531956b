//! OTLP, as the README shows it: a test of the workspace compares the two.

use opencensus::opentelemetry::OpenTelemetryExporter;
use opencensus::settings::Resource;
use opencensus::{Settings, Telemetry};
use opentelemetry_otlp::SpanExporter;
use std::error::Error;

fn exporter() -> Result<OpenTelemetryExporter<SpanExporter>, Box<dyn Error>> {
    // Reads OTEL_EXPORTER_OTLP_ENDPOINT; the default is http://localhost:4318.
    let exporter = SpanExporter::builder().with_http().build()?;
    Ok(OpenTelemetryExporter::new(exporter, &Resource::parse("service.name=shop")?))
}

pub fn instead_of_azure() -> Result<Telemetry, Box<dyn Error>> {
    Ok(Settings::from_env()?.start_with(exporter()?)?)
}

pub fn in_addition_to_azure() -> Result<Telemetry, Box<dyn Error>> {
    // The second pipeline has its own batches, retries and counters.
    let (telemetry, _pipeline) = Settings::from_env()?.start_with_additional(exporter()?)?;
    Ok(telemetry)
}
