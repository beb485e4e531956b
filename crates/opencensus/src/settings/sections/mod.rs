//! The sections of the settings, each with the fields that its table in a file has.

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "logging")]
mod logging;
mod security;
mod stats;
mod trace;

#[cfg(feature = "azure")]
pub use azure::AzureSettings;
#[cfg(feature = "logging")]
pub use logging::LoggingSettings;
pub use security::SecuritySettings;
pub use stats::StatsSettings;
pub use trace::TraceSettings;
