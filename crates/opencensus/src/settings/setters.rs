//! Settings in code.

#[cfg(feature = "azure")]
use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "azure")]
use opencensus_azure::{Compression, ConnectionString, ProxyUrl};
use opencensus_core::{
    ForwardedHeader, Observer, ParentTrust, PipelineLimits, Propagator, Propagators, QueryRedaction, RemoteUnsampled,
    Resource, TelemetryItem,
};

use crate::settings::{
    CustomObserver, CustomProcessor, ExporterSetting, KeepFailures, RateRule, SamplerSetting, SamplingPreset, Settings,
};

impl Settings {
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

    /// Sends through this proxy, whatever the environment says.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn with_azure_proxy(mut self, proxy: ProxyUrl) -> Self {
        self.azure_proxy = Some(proxy);
        self
    }

    /// Trusts the root certificates of this file of PEM besides the system's.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn with_azure_extra_roots(mut self, file: impl Into<PathBuf>) -> Self {
        self.azure_extra_roots = Some(file.into());
        self
    }

    /// Lets telemetry go to another machine over plain `http`.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn with_azure_plain_http(mut self, allowed: bool) -> Self {
        self.azure_plain_http = allowed;
        self
    }

    /// Sends the counters of [`Telemetry::stats`](crate::Telemetry::stats) as metrics, this long after something has
    /// happened.
    #[must_use]
    pub fn with_stats_interval(mut self, interval: Duration) -> Self {
        self.stats_interval = Some(interval);
        self
    }

    /// Tells answers from 400 up to the loggers of this system, instead of `tracing`: see
    /// [`RequestLogger`](crate::RequestLogger). Its configurations may name the handler `application_insights`
    /// ([`TelemetryHandler`](crate::TelemetryHandler)) once these settings are started.
    #[cfg(feature = "logging")]
    #[must_use]
    pub fn with_logging(mut self, logging: &opencensus_logging::Logging) -> Self {
        self.logging = Some(logging.clone());
        self
    }

    /// Says whether the program runs in debug mode.
    #[must_use]
    pub fn with_debug(mut self, debug: bool) -> Self {
        self.debug = Some(debug);
        self
    }

    /// Tells every answer to the logger `opencensus.server`, or to `tracing` with that target.
    #[must_use]
    pub fn with_server_log(mut self, told: bool) -> Self {
        self.server_log = Some(told);
        self
    }

    /// Sets the logging system up by this file: see
    /// [`Logging::setup_file`](opencensus_logging::Logging::setup_file).
    #[cfg(feature = "logging")]
    #[must_use]
    pub fn with_logging_config(mut self, file: impl Into<std::path::PathBuf>) -> Self {
        self.logging_config = Some(file.into());
        self
    }

    /// Lets clients ask for these hosts, where a layer of [`Telemetry::allowed_hosts`](crate::Telemetry::allowed_hosts) looks.
    #[must_use]
    pub fn with_allowed_hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.allowed_hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// Believes `X-Forwarded-Host` about the host.
    #[must_use]
    pub fn with_x_forwarded_host(mut self, trusted: bool) -> Self {
        self.use_x_forwarded_host = trusted;
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
    pub fn with_fleet(mut self, fleet: SamplingPreset) -> Self {
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

    /// Reads a trace from the first of these in which it finds one, and hands it on in all.
    #[must_use]
    pub fn with_propagators(mut self, propagators: impl IntoIterator<Item = Propagator>) -> Self {
        self.propagators = Propagators::new(propagators);
        self
    }

    /// Believes these proxies (addresses, and networks such as `10.0.0.0/8`) about the client, its scheme
    /// and the host that it asked for.
    #[must_use]
    pub fn with_trusted_proxies<S: Into<String>>(mut self, proxies: impl IntoIterator<Item = S>) -> Self {
        self.trusted_proxies = proxies.into_iter().map(Into::into).collect();
        self
    }

    /// Reads what they say in this header.
    #[must_use]
    pub fn with_forwarded_header(mut self, header: ForwardedHeader) -> Self {
        self.forwarded_header = header;
        self
    }

    /// Tells these headers of requests.
    #[must_use]
    pub fn with_request_headers<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.request_headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Tells these headers of answers.
    #[must_use]
    pub fn with_response_headers<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.response_headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Tells the sizes of bodies, or does not.
    #[must_use]
    pub fn with_body_sizes(mut self, told: bool) -> Self {
        self.body_sizes = told;
        self
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

    /// Ends requests for streams of events (`text/event-stream`) with their last byte, or with their
    /// head.
    #[must_use]
    pub fn with_event_streams_to_the_end(mut self, to_the_end: bool) -> Self {
        self.event_streams_to_the_end = to_the_end;
        self
    }

    /// Tells the trace to the client, in the header `traceresponse`.
    #[must_use]
    pub fn with_trace_response(mut self, told: bool) -> Self {
        self.trace_response = told;
        self
    }

    /// Tells answers from 400 up to `tracing`, with the target `opencensus.request`, or does not.
    #[must_use]
    pub fn with_request_events(mut self, told: bool) -> Self {
        self.without_request_events = !told;
        self
    }

    /// Tells answers to suspicious requests to `tracing`, with the target `opencensus.security`, or does
    /// not.
    #[must_use]
    pub fn with_security_events(mut self, told: bool) -> Self {
        self.without_security_events = !told;
        self
    }

    /// Tells answers to this observer too.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Observer) -> Self {
        self.observers.push(CustomObserver::new(observer));
        self
    }

    /// Lets this function see every item before it is sent: it may change it, or drop it by `false`. It runs on
    /// the exporter's thread; a panic in it keeps the item and is counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::Settings;
    /// use opencensus::core::TelemetryItem;
    ///
    /// let settings = Settings::default().with_processor(|item| match item {
    ///     TelemetryItem::Request(request) => request.user_agent().as_deref() != Some("probe"),
    ///     _ => true,
    /// });
    /// ```
    #[must_use]
    pub fn with_processor(mut self, processor: impl Fn(&mut TelemetryItem) -> bool + Send + Sync + 'static) -> Self {
        self.processors.push(CustomProcessor::new(processor));
        self
    }

    /// Bounds the pipeline.
    #[must_use]
    pub fn with_limits(mut self, limits: PipelineLimits) -> Self {
        self.limits = limits;
        self
    }
}
