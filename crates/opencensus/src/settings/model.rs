//! Holds all settings as plain data.

use opencensus_core::{PipelineLimits, Privacy, Resource};

#[cfg(feature = "azure")]
use crate::settings::sections::AzureSettings;
#[cfg(feature = "logging")]
use crate::settings::sections::LoggingSettings;
use crate::settings::sections::{SecuritySettings, StatsSettings, StoreSettings, TraceSettings};

/// Settings of the middleware: plain data with the sections of a settings file. [`start`](Self::start) turns them into a
/// running [`Telemetry`](crate::Telemetry).
///
/// # Examples
///
/// ```no_run
/// use opencensus::sampling::{SamplerSetting, SamplingRate};
/// use opencensus::Settings;
///
/// let mut settings = Settings::from_env()?
///     .with_blacklist_paths(["/health", "GET /metrics"])
///     .with_sampler(SamplerSetting::Probability(SamplingRate::try_from(0.25)?));
/// settings.privacy.mask_client_address = true;
/// let telemetry = settings.start()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Passes requests through without recording them, and notifies no logger and no observer. The logging system is
    /// still configured, and hosts are still checked. Default: false. Environment: `OPENCENSUS_DISABLED`, else
    /// `OTEL_SDK_DISABLED`.
    pub disabled: bool,
    /// The debug mode of the program, for the logging system and
    /// [`Telemetry::allowed_hosts`](crate::Telemetry::allowed_hosts). Default: that of the logging system, or false
    /// without one. Environment: `OPENCENSUS_DEBUG`.
    pub debug: Option<bool>,
    /// Which requests are recorded, and what is recorded of them.
    pub trace: TraceSettings,
    /// How telemetry is sent to Application Insights.
    #[cfg(feature = "azure")]
    pub azure: AzureSettings,
    /// The attributes of the service. Default: those that App Service, Functions, Container Apps and Kubernetes set in
    /// their variables (feature `azure`), and the name of the program. Environment: `OTEL_RESOURCE_ATTRIBUTES`,
    /// `OTEL_SERVICE_NAME`.
    pub resource: Resource,
    /// Which personal data is exported. Default: the values of query parameters that usually hold secrets are redacted,
    /// and the client's address is exported.
    pub privacy: Privacy,
    /// The hosts that clients may request.
    pub security: SecuritySettings,
    /// The logging system that records responses, and its configuration.
    #[cfg(feature = "logging")]
    pub logging: LoggingSettings,
    /// The limits of the pipeline: items, bytes, batches, retries.
    pub limits: PipelineLimits,
    /// How the counters of the pipeline are exported.
    pub stats: StatsSettings,
    /// How telemetry that cannot be sent is kept on disk.
    pub store: StoreSettings,
    pub(super) notes: Notes,
}

/// Warnings that `start` logs. They do not count when settings are compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(pub(super) Vec<String>);

impl PartialEq for Notes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
