#![doc = include_str!("../../docs/settings.md")]

mod draft;
mod environment;
mod exporter;
#[cfg_attr(not(feature = "file"), allow(dead_code))]
mod fault;
#[cfg(feature = "file")]
mod file;
#[cfg(feature = "file")]
mod interpolation;
// Without files, half of the table has no reader.
#[cfg_attr(not(feature = "file"), allow(dead_code))]
mod keys;
mod list;
#[cfg_attr(not(feature = "file"), allow(dead_code))]
mod node;
mod notation;
mod sampling;
#[cfg(feature = "file")]
mod tree;
mod values;

use std::path::Path;
use std::time::Duration;

#[cfg(feature = "azure")]
use opencensus_azure::{Compression, ConnectionString};
use opencensus_core::{ParentTrust, PipelineLimits, Privacy, QueryRedaction, RemoteUnsampled, Resource};

use draft::Draft;
#[cfg(feature = "azure")]
pub(crate) use environment::default_service_name;
pub use exporter::ExporterSetting;
pub use fault::{Fault, InvalidSettings};
pub use sampling::{CustomSampler, Fleet, InvalidRateRule, KeepFailures, RateRule, SamplerSetting};

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
    /// The exporter, if none is given in code. Default: Azure.
    pub exporter: ExporterSetting,
    /// Which traces are kept. Default: all. Environment: `OPENCENSUS_SAMPLER`, `OTEL_TRACES_SAMPLER`.
    pub sampler: SamplerSetting,
    /// Rates by path and by route; the first that matches counts, instead of `sampler`. Default: none.
    pub rates: Vec<RateRule>,
    /// Whose rules a share and callers' decisions follow. Default: OpenCensus's.
    pub fleet: Fleet,
    /// Strangers can reach this service: a caller's "I keep it" counts for nothing unless
    /// `parent_trust` says otherwise. Default: false.
    pub edge: bool,
    /// What a caller's "I keep it" counts for. Default: trusted, unless `edge` or `fleet` say otherwise.
    pub parent_trust: Option<ParentTrust>,
    /// What a caller's "I do not keep it" counts for. Default: nothing. Environment: the
    /// `parentbased_…` values of `OTEL_TRACES_SAMPLER` obey it.
    pub remote_unsampled: Option<RemoteUnsampled>,
    /// Failures that are kept whatever the rate. Default: none.
    pub keep_failures: KeepFailures,
    /// Requests that take at least this long are kept whatever the rate. Default: no limit.
    pub keep_slower_than: Option<Duration>,
    /// Requests that leave no telemetry; the grammar is [`PathFilter`'s](opencensus_core::path_filter).
    /// Default: none. Environment: `OPENCENSUS_BLACKLIST_PATHS`, else `OPENCENSUS_EXCLUDELIST_PATHS`.
    pub blacklist_paths: Vec<String>,
    /// Hosts, with a port or without, that [`Config::inject`](crate::Config::inject) does not hand the
    /// trace on to. Default: none.
    pub blacklist_hostnames: Vec<String>,
    /// What of a request leaves the process. Default: values of a query whose keys usually hold
    /// secrets are redacted, the client's address is sent.
    pub privacy: Privacy,
    /// Counts 4xx answers as successes. Default: false.
    pub client_errors_succeed: bool,
    /// Keeps the request out of OpenTelemetry's current context. Default: false.
    pub without_opentelemetry_context: bool,
    /// Bounds of the pipeline.
    pub limits: PipelineLimits,
    /// Longest time for one POST. Default: 10 s.
    #[cfg(feature = "azure")]
    pub azure_timeout: Option<Duration>,
    /// How hard batches are compressed. Default: fast.
    #[cfg(feature = "azure")]
    pub azure_compression: Compression,
    notes: Notes,
}

/// What is to be told at the start. Settings that differ in nothing else are equal.
#[derive(Clone, Debug, Default)]
struct Notes(Vec<String>);

impl PartialEq for Notes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Settings {
    /// Reads the file that `OPENCENSUS_CONFIG` names, if it is set, and the process's environment over
    /// it.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    pub fn from_env() -> Result<Self, InvalidSettings> {
        Self::from_lookup(environment::of_process).map(Self::noting_unknown_variables)
    }

    /// [`from_env`](Self::from_env) with an environment of one's own.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment. No message repeats the connection string.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let file = environment::non_empty(&lookup, "OPENCENSUS_CONFIG");
        Self::read(file.as_ref().map(Path::new), &lookup)
    }

    /// Reads a file, and the process's environment over it; `OPENCENSUS_CONFIG` is not looked at.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    #[cfg(feature = "file")]
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, InvalidSettings> {
        Self::from_file_and_lookup(path, environment::of_process).map(Self::noting_unknown_variables)
    }

    /// [`from_file`](Self::from_file) with an environment of one's own.
    ///
    /// # Errors
    ///
    /// All faults of the file and of the environment.
    #[cfg(feature = "file")]
    pub fn from_file_and_lookup(
        path: impl AsRef<Path>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidSettings> {
        Self::read(Some(path.as_ref()), &lookup)
    }

    fn read(file: Option<&Path>, lookup: environment::Lookup<'_>) -> Result<Self, InvalidSettings> {
        let disabled = environment::disabled(lookup);
        if disabled == Some(true) {
            // What else is set need not make sense then.
            return Ok(Self { disabled: true, ..Self::default() });
        }
        let mut draft = Draft::new(Self::default());
        let mut faults = file.map(|path| read_file(&mut draft, path, lookup)).unwrap_or_default();
        faults.extend(environment::read(&mut draft, lookup));
        InvalidSettings::check(faults)?;
        let mut settings = draft.settings;
        settings.disabled = disabled.unwrap_or(settings.disabled);
        Ok(settings)
    }

    fn noting_unknown_variables(mut self) -> Self {
        self.notes.0.extend(environment::unknown(std::env::vars_os().map(|(name, _)| name)));
        self
    }

    /// What was read and means nothing here, such as an option of the predecessor's exporter.
    /// `start` logs it.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes.0
    }

    /// Lets all requests pass, and records nothing.
    #[must_use]
    pub fn with_disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// Uses this exporter.
    #[must_use]
    pub fn with_exporter(mut self, exporter: ExporterSetting) -> Self {
        self.exporter = exporter;
        self
    }

    /// Gives up a POST after this time.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn with_azure_timeout(mut self, timeout: Duration) -> Self {
        self.azure_timeout = Some(timeout);
        self
    }

    /// Compresses batches this hard.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn with_azure_compression(mut self, compression: Compression) -> Self {
        self.azure_compression = compression;
        self
    }

    /// Rates by path and by route, the first that matches.
    #[must_use]
    pub fn with_rates(mut self, rules: impl IntoIterator<Item = RateRule>) -> Self {
        self.rates = rules.into_iter().collect();
        self
    }

    /// Follows the rules of this fleet.
    #[must_use]
    pub fn with_fleet(mut self, fleet: Fleet) -> Self {
        self.fleet = fleet;
        self
    }

    /// Strangers can reach this service.
    #[must_use]
    pub fn with_edge(mut self, edge: bool) -> Self {
        self.edge = edge;
        self
    }

    /// Keeps these failures whatever the rate.
    #[must_use]
    pub fn with_keep_failures(mut self, failures: KeepFailures) -> Self {
        self.keep_failures = failures;
        self
    }

    /// Keeps requests that take at least this long, whatever the rate.
    #[must_use]
    pub fn with_keep_slower_than(mut self, duration: Duration) -> Self {
        self.keep_slower_than = Some(duration);
        self
    }

    /// Hands no trace on to these hosts.
    #[must_use]
    pub fn with_blacklist_hostnames<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.blacklist_hostnames = hosts.into_iter().map(Into::into).collect();
        self
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
        self.parent_trust = Some(trust);
        self
    }

    /// What a caller's "I do not keep it" counts for.
    #[must_use]
    pub fn with_remote_unsampled(mut self, remote_unsampled: RemoteUnsampled) -> Self {
        self.remote_unsampled = Some(remote_unsampled);
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

#[cfg(feature = "file")]
fn read_file(draft: &mut Draft, path: &Path, lookup: environment::Lookup<'_>) -> Vec<Fault> {
    let faults = file::read(draft, path, lookup);
    *draft = Draft::new(std::mem::take(&mut draft.settings));
    faults
}

#[cfg(not(feature = "file"))]
fn read_file(_: &mut Draft, _: &Path, _: environment::Lookup<'_>) -> Vec<Fault> {
    let remedy = "build with the feature `file` of `opencensus`";
    vec![Fault::new("a settings file", remedy).inside("OPENCENSUS_CONFIG")]
}
