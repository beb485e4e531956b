//! All settings as one plain value.

#[cfg(feature = "azure")]
use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "azure")]
use opencensus_azure::{Compression, ConnectionString, ProxyUrl};
use opencensus_core::{ForwardedHeader, ParentTrust, PipelineLimits, Privacy, Propagators, RemoteUnsampled, Resource};

use crate::settings::{
    CustomObserver, CustomProcessor, ExporterSetting, KeepFailures, RateRule, SamplerSetting, SamplingPreset,
};

/// Settings of the middleware: plain data. [`start`](Self::start) turns them into a running
/// [`Telemetry`](crate::Telemetry).
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
    /// Requests pass through, nothing is recorded, and no logger or observer hears of answers; loggers and hosts are as the
    /// settings say. Default: false. Environment: `OTEL_SDK_DISABLED`.
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
    pub fleet: SamplingPreset,
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
    /// Hosts, with a port or without, that [`Telemetry::inject`](crate::Telemetry::inject) does not hand the
    /// trace on to. Default: none.
    pub blacklist_hostnames: Vec<String>,
    /// The headers that a trace travels in: read in this order, written all. Default: W3C Trace Context.
    /// Environment: `OPENCENSUS_PROPAGATOR`, `OTEL_PROPAGATORS`.
    pub propagators: Propagators,
    /// Proxies that are believed about the client: addresses and networks such as `10.0.0.0/8`.
    /// Default: none, and no header is read.
    pub trusted_proxies: Vec<String>,
    /// The header that they tell it in. Default: `X-Forwarded-For`.
    pub forwarded_header: ForwardedHeader,
    /// Headers of the request that are told, as `http.request.header.<name>`: at most 8 lines of each, and
    /// 1024 bytes of a line. Those that are made to carry secrets (`authorization`, `cookie`, …) are
    /// refused. Default: none.
    pub request_headers: Vec<String>,
    /// Headers of the answer that are told, as `http.response.header.<name>`; the same holds. Default: none.
    pub response_headers: Vec<String>,
    /// The sizes of bodies are told in bytes: `http.request.body.size`, as the request announces it, and
    /// `http.response.body.size`, as it went out. Default: false.
    pub body_sizes: bool,
    /// What of a request leaves the process. Default: values of a query whose keys usually hold
    /// secrets are redacted, the client's address is sent.
    pub privacy: Privacy,
    /// Counts 4xx answers as successes. Default: false.
    pub client_errors_succeed: bool,
    /// Keeps the request out of OpenTelemetry's current context. Default: false.
    pub without_opentelemetry_context: bool,
    /// Streams of events (`text/event-stream`) end their request with their last byte. Default: with
    /// their head, since they live as long as somebody listens.
    pub event_streams_to_the_end: bool,
    /// Answers tell their trace in the header `traceresponse` (a builder of W3C Trace Context). Default:
    /// false.
    pub trace_response: bool,
    /// Answers from 400 up become no events of `tracing` (target `opencensus.request`). Default: false.
    pub without_request_events: bool,
    /// Answers to suspicious requests become no events (target `opencensus.security`). Default: false.
    pub without_security_events: bool,
    /// Who else wants to hear of answers. They have no form in a file. Default: nobody.
    pub observers: Vec<CustomObserver>,
    /// The system whose loggers are told of answers, instead of `tracing`, and whose configurations may name the
    /// handler `application_insights`. It has no form in a file. Default: none.
    #[cfg(feature = "logging")]
    pub logging: Option<opencensus_logging::Logging>,
    /// The debug mode of the program: what is said to [`logging`](Self::logging) and what [`Telemetry::allowed_hosts`]
    /// goes by. Default: whatever `logging` says; where nobody says anything, off. Environment: `OPENCENSUS_DEBUG`.
    ///
    /// [`Telemetry::allowed_hosts`]: crate::Telemetry::allowed_hosts
    pub debug: Option<bool>,
    /// A line for every answer goes to the logger `opencensus.server`, or is an event of `tracing` with that target.
    /// Default: in debug mode.
    pub server_log: Option<bool>,
    /// A file of Django's settings of logging and mail, which [`logging`](Self::logging) is
    /// [set up](opencensus_logging::Logging::setup_file) by, or the program's own logging system if there is none.
    /// Default: none. Environment: `OPENCENSUS_LOGGING_CONFIG`.
    #[cfg(feature = "logging")]
    pub logging_config: Option<std::path::PathBuf>,
    /// Hosts that clients may ask for; see [`AllowedHosts`](crate::AllowedHosts). They count where a layer looks at
    /// them: [`Telemetry::allowed_hosts`](crate::Telemetry::allowed_hosts). Default: none.
    pub allowed_hosts: Vec<String>,
    /// `X-Forwarded-Host` says which host it is. Default: false.
    pub use_x_forwarded_host: bool,
    /// Functions that change items or drop them before they are sent, in their order. They have no form in
    /// a file. Default: none.
    pub processors: Vec<CustomProcessor>,
    /// Bounds of the pipeline.
    pub limits: PipelineLimits,
    /// The counters of [`Telemetry::stats`](crate::Telemetry::stats) travel as metrics of their own, this long after
    /// something has happened: see
    /// [`PipelineOptions::stats_interval`](opencensus_core::PipelineOptions::stats_interval). Default: never.
    pub stats_interval: Option<Duration>,
    /// Longest time for one POST. Default: 10 s.
    #[cfg(feature = "azure")]
    pub azure_timeout: Option<Duration>,
    /// How hard batches are compressed. Default: fast.
    #[cfg(feature = "azure")]
    pub azure_compression: Compression,
    /// The proxy on the way to Application Insights. Default: that of the environment's `HTTPS_PROXY`.
    #[cfg(feature = "azure")]
    pub azure_proxy: Option<ProxyUrl>,
    /// A file of PEM with root certificates that are trusted besides the system's. Default: none.
    #[cfg(feature = "azure")]
    pub azure_extra_roots: Option<PathBuf>,
    /// Telemetry may go to another machine over plain `http`. Default: false.
    #[cfg(feature = "azure")]
    pub azure_plain_http: bool,
    pub(super) notes: Notes,
}

/// What is to be told at the start. Settings that differ in nothing else are equal.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(pub(super) Vec<String>);

impl PartialEq for Notes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
