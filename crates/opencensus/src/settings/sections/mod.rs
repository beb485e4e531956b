//! Sections of the settings: each has the fields of its table in a file.

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "logging")]
mod logging;
mod security;
mod stats;
mod store;
mod trace;

#[cfg(feature = "azure")]
pub use azure::AzureSettings;
#[cfg(feature = "logging")]
pub use logging::LoggingSettings;
pub use security::SecuritySettings;
pub use stats::StatsSettings;
pub use store::StoreSettings;
pub use trace::TraceSettings;
