//! The logging system of the settings, with and without the feature `logging`.

/// The logging system that records responses, if there is one.
#[cfg(feature = "logging")]
pub(super) type LoggingSystem = Option<opencensus_logging::Logging>;
#[cfg(not(feature = "logging"))]
pub(super) type LoggingSystem = Option<std::convert::Infallible>;
