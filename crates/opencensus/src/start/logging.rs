//! Configures the logging system of the settings.

use opencensus_core::{Observer, Pipeline};
use opencensus_logging::Logging;

use crate::settings::Settings;
use crate::telemetry::TelemetryError;

/// Configures the logging system, if the settings name one or a file for the global one. Its configurations may then
/// name a handler that sends to this pipeline.
pub(super) fn set_up(settings: &Settings, pipeline: Option<&Pipeline>) -> Result<Option<Logging>, TelemetryError> {
    let section = &settings.logging;
    let global = || section.config.as_ref().map(|_| Logging::global().clone());
    let Some(logging) = section.system.clone().or_else(global) else { return Ok(None) };
    crate::observers::TelemetryHandler::register(&logging, pipeline);
    if let Some(file) = &section.config {
        logging.setup_file(file)?;
    }
    if let Some(debug) = settings.debug {
        logging.set_debug(debug);
    }
    Ok(Some(logging))
}

/// The observers that record responses with the loggers of this system.
pub(super) fn observers(logging: &Logging, has_server_log: bool) -> Vec<Box<dyn Observer>> {
    let requests: Box<dyn Observer> = Box::new(crate::observers::RequestLogger::new(logging));
    let server = has_server_log.then(|| Box::new(crate::observers::ServerLogger::new(logging)) as Box<dyn Observer>);
    [requests].into_iter().chain(server).collect()
}
