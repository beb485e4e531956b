//! Logs that telemetry is on or off, and the notes of the settings.

use opencensus_core::notice;

use crate::settings::{SamplerSetting, Settings};
use crate::start::logging_system::LoggingSystem;
use crate::start::sampling;

/// Logs where telemetry goes, and how much of it. Without a name the destination is a custom exporter, such as that of
/// a test, whose line needs no place besides a subscriber of `tracing`. `store` describes the store, if it applies.
pub(super) fn log_on(settings: &Settings, destination: Option<&str>, store: Option<&str>, logging: &LoggingSystem) {
    match destination {
        Some(destination) => info(&on(settings, &format!("destination `{destination}`"), store), logging),
        None => tracing::info!(target: "opencensus", "{}", on(settings, "a custom exporter", store)),
    }
    log_notes(settings, logging);
}

/// Logs that no request is recorded.
pub(super) fn log_off(settings: &Settings, logging: &LoggingSystem) {
    info(
        "telemetry is off: no request is recorded (`disabled`, `OPENCENSUS_DISABLED` or `OTEL_SDK_DISABLED`)",
        logging,
    );
    log_notes(settings, logging);
}

/// Logs the notes of settings with which telemetry cannot start: they may name the reason.
pub(super) fn log_notes_of_failure(notes: &[String]) {
    notes.iter().for_each(|note| notice::warn(note));
}

fn on(settings: &Settings, destination: &str, store: Option<&str>) -> String {
    let role = settings.resource.role();
    let sampler = &settings.trace.sampler;
    let rate = match sampler {
        SamplerSetting::AlwaysOn => "all requests are kept".to_owned(),
        SamplerSetting::AlwaysOff => "no request is kept".to_owned(),
        SamplerSetting::Share(rate) | SamplerSetting::Probability(rate) | SamplerSetting::ApplicationInsights(rate) => {
            format!("rate {rate}")
        }
        SamplerSetting::RateLimited(limit) => format!("at most {limit} traces a second are kept"),
        SamplerSetting::Custom(_) => "the sampler decides".to_owned(),
    };
    let role = role.map(|role| format!(", role `{role}`")).unwrap_or_default();
    let store = store.map(|store| format!(", {store}")).unwrap_or_default();
    format!("telemetry is on: {destination}{role}, sampler `{sampler}` ({rate}){store}")
}

fn log_notes(settings: &Settings, logging: &LoggingSystem) {
    let ineffective = sampling::ineffective(&settings.trace);
    settings.notes().iter().cloned().chain(ineffective).for_each(|note| warn(&note, logging));
}

/// Without a subscriber of `tracing`, the logging system of the settings gets the line.
#[cfg(feature = "logging")]
fn info(text: &str, logging: &LoggingSystem) {
    match logging {
        Some(logging) if !notice::has_subscriber() => logging.get_logger("opencensus").info(text.to_owned()),
        _ => notice::info(text),
    }
}

#[cfg(feature = "logging")]
fn warn(text: &str, logging: &LoggingSystem) {
    match logging {
        Some(logging) if !notice::has_subscriber() => logging.get_logger("opencensus").warning(text.to_owned()),
        _ => notice::warn(text),
    }
}

#[cfg(not(feature = "logging"))]
fn info(text: &str, _: &LoggingSystem) {
    notice::info(text);
}

#[cfg(not(feature = "logging"))]
fn warn(text: &str, _: &LoggingSystem) {
    notice::warn(text);
}
