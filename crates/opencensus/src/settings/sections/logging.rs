//! Holds the section `logging`.

use std::path::PathBuf;

use opencensus_logging::Logging;

/// The logging system that records responses, and its configuration.
///
/// # Examples
///
/// ```
/// use opencensus::Settings;
///
/// let mut settings = Settings::default();
/// settings.logging.config = Some("logging.toml".into());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LoggingSettings {
    /// A file with Django's settings of logging and mail. [`Settings::start`](crate::Settings::start)
    /// [sets up](Logging::setup_file) [`system`](Self::system) from it, or the program's global logging system if
    /// `system` is `None`. Default: none. Environment: `OPENCENSUS_LOGGING_CONFIG`.
    pub config: Option<PathBuf>,
    /// The logging system whose loggers record responses, instead of events of `tracing`: see
    /// [`RequestLogger`](crate::observers::RequestLogger). Its configurations may name the handler `application_insights`
    /// ([`TelemetryHandler`](crate::observers::TelemetryHandler)) once these settings are started. A file cannot set it. Default:
    /// none.
    pub system: Option<Logging>,
}
