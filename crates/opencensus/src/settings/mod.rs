//! What a user can set.

mod environment;
mod list;

use opencensus_core::{ParentTrust, PipelineLimits, Privacy, QueryRedaction, RemoteUnsampled, Resource, SamplingRate};

#[cfg(feature = "azure")]
use opencensus_azure::ConnectionString;

pub use environment::InvalidVariable;
#[cfg(feature = "azure")]
pub(crate) use environment::default_service_name;

/// Settings of the middleware: plain data. [`start`](Self::start) turns them into a running
/// [`Config`](crate::Config).
///
/// # Examples
///
/// ```no_run
/// use opencensus::{SamplerSetting, SamplingRate, Settings};
///
/// let telemetry = Settings::from_env()?
///     .with_blacklist_paths(["/health", "GET /metrics"])
///     .with_sampler(SamplerSetting::Probability(SamplingRate::try_from(0.25)?))
///     .start()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Requests pass through, and nothing is recorded. Default: false. Environment:
    /// `OTEL_SDK_DISABLED`.
    pub disabled: bool,
    /// Where telemetry goes. No default. Environment: `APPLICATIONINSIGHTS_CONNECTION_STRING`,
    /// else `APPINSIGHTS_INSTRUMENTATIONKEY`.
    #[cfg(feature = "azure")]
    pub connection_string: Option<ConnectionString>,
    /// Who sends it. Default: nothing is known but the program's name. Environment:
    /// `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`.
    pub resource: Resource,
    /// Which traces are kept. Default: all. Environment: `OTEL_TRACES_SAMPLER`,
    /// `OTEL_TRACES_SAMPLER_ARG`.
    pub sampler: SamplerSetting,
    /// What a caller's "I keep it" counts for. Default: trusted.
    pub parent_trust: ParentTrust,
    /// What a caller's "I do not keep it" counts for. Default: nothing. Environment: the
    /// `parentbased_…` values of `OTEL_TRACES_SAMPLER` obey it.
    pub remote_unsampled: RemoteUnsampled,
    /// Requests that leave no telemetry; the grammar is [`PathFilter`'s](opencensus_core::path_filter).
    /// Default: none. Environment: `OPENCENSUS_BLACKLIST_PATHS`, else `OPENCENSUS_EXCLUDELIST_PATHS`.
    pub blacklist_paths: Vec<String>,
    /// What of a request leaves the process. Default: values of a query whose keys usually hold
    /// secrets are redacted, the client's address is sent.
    pub privacy: Privacy,
    /// Counts 4xx answers as successes. Default: false.
    pub client_errors_succeed: bool,
    /// Keeps the request out of OpenTelemetry's current context. Default: false.
    pub without_opentelemetry_context: bool,
    /// Bounds of the pipeline.
    pub limits: PipelineLimits,
}

/// Which traces are kept, as far as the trace id decides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum SamplerSetting {
    /// All. The default.
    #[default]
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// This share.
    Probability(SamplingRate),
}

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    ///
    /// The first variable whose value makes no sense.
    pub fn from_env() -> Result<Self, InvalidVariable> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads an environment by a look-up function.
    ///
    /// # Errors
    ///
    /// The first variable whose value makes no sense. No message repeats the connection string.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidVariable> {
        environment::read(&lookup)
    }

    /// Sends telemetry there.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn with_connection_string(mut self, connection_string: ConnectionString) -> Self {
        self.connection_string = Some(connection_string);
        self
    }

    /// Names the service: `service.name`.
    #[must_use]
    pub fn with_service_name(mut self, name: impl Into<String>) -> Self {
        self.resource.set("service.name", name);
        self
    }

    /// Says who sends the telemetry.
    #[must_use]
    pub fn with_resource(mut self, resource: Resource) -> Self {
        self.resource = resource;
        self
    }

    /// Keeps these traces.
    #[must_use]
    pub fn with_sampler(mut self, sampler: SamplerSetting) -> Self {
        self.sampler = sampler;
        self
    }

    /// What a caller's "I keep it" counts for.
    #[must_use]
    pub fn with_parent_trust(mut self, trust: ParentTrust) -> Self {
        self.parent_trust = trust;
        self
    }

    /// What a caller's "I do not keep it" counts for.
    #[must_use]
    pub fn with_remote_unsampled(mut self, remote_unsampled: RemoteUnsampled) -> Self {
        self.remote_unsampled = remote_unsampled;
        self
    }

    /// Hides these requests, and no others.
    #[must_use]
    pub fn with_blacklist_paths<S: Into<String>>(mut self, entries: impl IntoIterator<Item = S>) -> Self {
        self.blacklist_paths = entries.into_iter().map(Into::into).collect();
        self
    }

    /// [`with_blacklist_paths`](Self::with_blacklist_paths) by its other name.
    #[must_use]
    pub fn with_exclude_paths<S: Into<String>>(self, entries: impl IntoIterator<Item = S>) -> Self {
        self.with_blacklist_paths(entries)
    }

    /// Redacts queries in this way.
    #[must_use]
    pub fn with_query_redaction(mut self, redaction: QueryRedaction) -> Self {
        self.privacy = self.privacy.with_query_redaction(redaction);
        self
    }

    /// Leaves the client's address out; Application Insights gets `0.0.0.0` instead.
    #[must_use]
    pub fn with_masked_client_address(mut self, masked: bool) -> Self {
        self.privacy = self.privacy.with_masked_client_address(masked);
        self
    }

    /// Counts 4xx answers as successes.
    #[must_use]
    pub fn with_client_errors_as_success(mut self, succeed: bool) -> Self {
        self.client_errors_succeed = succeed;
        self
    }

    /// Makes the request OpenTelemetry's current context, or not.
    #[must_use]
    pub fn with_opentelemetry_context(mut self, attached: bool) -> Self {
        self.without_opentelemetry_context = !attached;
        self
    }

    /// Bounds the pipeline.
    #[must_use]
    pub fn with_limits(mut self, limits: PipelineLimits) -> Self {
        self.limits = limits;
        self
    }
}
