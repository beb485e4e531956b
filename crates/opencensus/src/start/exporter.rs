//! Builds the exporter that the settings select.

use opencensus_core::{ConsoleExporter, Exporter};

use crate::settings::{ExporterSetting, Settings};
use crate::telemetry::TelemetryError;

/// An exporter, and the name of its destination for the log, unless it is a custom one.
pub(super) struct Destination {
    pub(super) exporter: Box<dyn Exporter>,
    pub(super) name: Option<String>,
    /// Whether the store applies, for the log.
    pub(super) is_stored: bool,
}

impl Destination {
    pub(super) fn custom(exporter: impl Exporter) -> Self {
        Self { exporter: Box::new(exporter), name: None, is_stored: false }
    }
}

pub(super) fn built_in(settings: &Settings) -> Result<Destination, TelemetryError> {
    match settings.trace.exporter {
        ExporterSetting::Azure => azure(settings),
        ExporterSetting::Console => {
            let name = Some("console".to_owned());
            Ok(Destination { exporter: Box::new(ConsoleExporter), name, is_stored: false })
        }
    }
}

#[cfg(feature = "azure")]
fn azure(settings: &Settings) -> Result<Destination, TelemetryError> {
    let azure = &settings.azure;
    let connection_string = azure.connection_string.as_ref().ok_or(TelemetryError::NoDestination)?;
    let mut exporter = opencensus_azure::AzureExporter::new(connection_string, &settings.resource)?
        .with_client_errors_as_success(settings.trace.client_errors_succeed)
        .with_compression(azure.compression)
        .with_max_item_bytes(azure.max_item_bytes)
        .with_query_redaction(settings.privacy.redaction())
        .with_resource_properties(azure.resource_properties)
        .with_plain_http(azure.plain_http);
    if let Some(proxy) = &azure.proxy {
        exporter = exporter.with_proxy(proxy.clone());
    }
    if let Some(file) = &azure.extra_roots {
        exporter = exporter.with_extra_roots(extra_roots(file)?);
    }
    if let Some(timeout) = azure.timeout {
        exporter = exporter.with_timeout(timeout);
    }
    let name = Some(exporter.endpoint().to_owned());
    Ok(Destination { exporter: Box::new(exporter), name, is_stored: true })
}

#[cfg(not(feature = "azure"))]
fn azure(_: &Settings) -> Result<Destination, TelemetryError> {
    Err(TelemetryError::NoDestination)
}

#[cfg(feature = "azure")]
fn extra_roots(file: &std::path::Path) -> Result<opencensus_azure::ExtraRoots, TelemetryError> {
    let fault = |reason| TelemetryError::ExtraRoots { file: file.to_owned(), reason };
    let pem = std::fs::read(file).map_err(|error| fault(error.to_string()))?;
    opencensus_azure::ExtraRoots::from_pem(&pem).map_err(|error| fault(error.to_string()))
}
