//! Holds the section `trace`.

use std::time::Duration;

use opencensus_core::{ForwardedHeader, ParentTrust, Propagators, RemoteUnsampled};

use crate::RequestScheme;
use crate::settings::custom_observer::CustomObserver;
use crate::settings::custom_processor::CustomProcessor;
use crate::settings::exporter_setting::ExporterSetting;
use crate::settings::sampling::{KeepFailures, RateRule, SamplerSetting, SamplingPreset};

/// Which requests are recorded, and what is recorded of them.
///
/// # Examples
///
/// ```
/// use opencensus::sampling::ParentTrust;
/// use opencensus::Settings;
///
/// let mut settings = Settings::default();
/// settings.trace.parent_trust = Some(ParentTrust::Never);
/// settings.trace.request_headers = vec!["x-tenant".to_owned()];
/// settings.trace.opentelemetry_context = false;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TraceSettings {
    /// The built-in exporter. [`Settings::start_with`](crate::Settings::start_with) takes any other. Default: Azure.
    /// Environment: `OPENCENSUS_EXPORTER`.
    pub exporter: ExporterSetting,
    /// Which traces are kept. Default: all. Environment: `OPENCENSUS_SAMPLER`, else `OTEL_TRACES_SAMPLER`.
    pub sampler: SamplerSetting,
    /// Sampling rates by path and route. The first rule that matches a request replaces `sampler`. Default: none.
    /// Environment: `OPENCENSUS_RATES`.
    pub rates: Vec<RateRule>,
    /// The sampling rules of the services around this one. Default: OpenCensus. Environment: `OPENCENSUS_PRESET`.
    pub preset: SamplingPreset,
    /// For internet-facing services: nothing that a caller sends sways whether its requests are kept, or what they count
    /// for. Every request begins a trace; the caller's is a link and the attribute `caller.traceparent`. Of
    /// `parent_trust` only a limit has an effect, and `remote_unsampled` has none. Default: false. Environment:
    /// `OPENCENSUS_EDGE`.
    pub edge: bool,
    /// How a sampled parent (`-01`) is treated. Default: trusted, unless `edge` or `preset` decide otherwise. A limit also
    /// lets the service decide without the caller's trace id. Environment: `OPENCENSUS_PARENT_TRUST`.
    pub parent_trust: Option<ParentTrust>,
    /// How an unsampled parent (`-00`) is treated. Default: the sampler decides. Environment:
    /// `OPENCENSUS_REMOTE_UNSAMPLED`; the `parentbased_…` values of `OTEL_TRACES_SAMPLER` obey the parent.
    pub remote_unsampled: Option<RemoteUnsampled>,
    /// Failed requests that are kept whatever the rate. Default: none. Environment: `OPENCENSUS_KEEP_FAILURES`.
    pub keep_failures: KeepFailures,
    /// Keeps requests that take at least this long, whatever the rate. Default: no limit. Environment:
    /// `OPENCENSUS_KEEP_SLOWER_THAN`.
    pub keep_slower_than: Option<Duration>,
    /// Keeps the log lines, exceptions and calls of a request that `keep_failures` or `keep_slower_than` keep: they wait in
    /// memory until its end ([`PipelineLimits::request_items`](crate::settings::PipelineLimits::request_items)). Without
    /// one of these two it has no effect and no cost. Default: true. Environment: `OPENCENSUS_KEEP_ITEMS`.
    pub keep_items: bool,
    /// Counts 4xx responses as successes. Default: false. Environment: `OPENCENSUS_CLIENT_ERRORS_SUCCEED`.
    pub client_errors_succeed: bool,
    /// Requests that are not recorded, in the grammar of [`PathFilter`](opencensus_core::path_filter). Default: none.
    /// Environment: `OPENCENSUS_BLACKLIST_PATHS`, else `OPENCENSUS_EXCLUDELIST_PATHS`.
    pub blacklist_paths: Vec<String>,
    /// Hosts, with or without a port, to which no trace is propagated, and calls to which are not recorded.
    /// Default: none. Environment: `OPENCENSUS_BLACKLIST_HOSTNAMES`, else `OPENCENSUS_EXCLUDELIST_HOSTNAMES`.
    pub blacklist_hostnames: Vec<String>,
    /// The headers that propagate a trace. A trace is extracted from the first of them that is present, and injected
    /// into all. Default: W3C Trace Context. Environment: `OPENCENSUS_PROPAGATOR`, else `OTEL_PROPAGATORS`.
    pub propagator: Propagators,
    /// Makes the request OpenTelemetry's current context. Default: true. Environment:
    /// `OPENCENSUS_OPENTELEMETRY_CONTEXT`.
    pub opentelemetry_context: bool,
    /// Proxies whose forwarding headers are trusted: addresses, and networks such as `10.0.0.0/8`. Default: none, and
    /// no forwarding header is read. Environment: `OPENCENSUS_TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<String>,
    /// The forwarding header of the trusted proxies: `X-Forwarded-For`, `Forwarded`, or any other, such as
    /// `X-Azure-ClientIP`. Default: `X-Forwarded-For`. Environment: `OPENCENSUS_FORWARDED_HEADER`.
    pub forwarded_header: ForwardedHeader,
    /// Ends the request of an event stream (`text/event-stream`) with its last byte. Default: false, it ends with the
    /// response head, because such a stream may last for hours. Environment: `OPENCENSUS_EVENT_STREAMS_TO_THE_END`.
    pub event_streams_to_the_end: bool,
    /// The scheme of requests, `http` or `https`, for servers that accept TLS connections by themselves: over HTTP/1 a
    /// request does not carry it. A trusted proxy and the extension [`RequestScheme`] go first. Default: that of the
    /// request's target, else `http`. Environment: `OPENCENSUS_SCHEME`.
    pub scheme: Option<RequestScheme>,
    /// Methods, besides those of IANA's registry, that may be part of an operation's name. Others are `_OTHER`. Default:
    /// none. Environment: `OPENCENSUS_KNOWN_METHODS`, else `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`.
    pub known_methods: Vec<String>,
    /// Request headers that are captured, as `http.request.header.<name>`: at most 8 lines of each header, and 1024
    /// bytes of each line. Headers that carry credentials (`authorization`, `cookie`, …) are rejected. Default: none.
    /// Environment: `OPENCENSUS_REQUEST_HEADERS`, else `OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS`.
    pub request_headers: Vec<String>,
    /// Response headers that are captured, as `http.response.header.<name>`, with the same limits. Default: none.
    /// Environment: `OPENCENSUS_RESPONSE_HEADERS`, else `OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS`.
    pub response_headers: Vec<String>,
    /// Sends the error or the panic that ends a request as an exception item, below the request and sampled with it. Default:
    /// true. Environment: `OPENCENSUS_EXCEPTIONS`.
    pub exceptions: bool,
    /// Sends the error of a response with a status below 500 as an exception item, too, if `exceptions` is on. Default:
    /// false, the error is the properties `error.type` and `error.message` of the request. Environment:
    /// `OPENCENSUS_CLIENT_ERROR_EXCEPTIONS`.
    pub client_error_exceptions: bool,
    /// Records the sizes of bodies in bytes: `http.request.body.size`, as the request's `content-length` states it, and
    /// `http.response.body.size`, as it was sent. Default: false. Environment: `OPENCENSUS_BODY_SIZES`.
    pub body_sizes: bool,
    /// Adds the header `traceresponse` (a draft of W3C Trace Context) to every response. Default: false. Environment:
    /// `OPENCENSUS_TRACE_RESPONSE`.
    pub trace_response: bool,
    /// Emits an event of `tracing`, target `opencensus.request`: `Some(true)` for every response with a status of 400 or
    /// above, `None` for 5xx alone, `Some(false)` for none. With a logging system in the settings, its loggers record
    /// these responses instead, 4xx included. Default: `None`, because most applications log their own 4xx.
    /// Environment: `OPENCENSUS_REQUEST_EVENTS`.
    pub request_events: Option<bool>,
    /// Emits an event of `tracing`, target `opencensus.security`, for every suspicious request. Default: true.
    /// Environment: `OPENCENSUS_SECURITY_EVENTS`.
    pub security_events: bool,
    /// Logs one line for every response, with the logger `opencensus.server` or as an event of `tracing` with that
    /// target. Default: in debug mode. Environment: `OPENCENSUS_SERVER_LOG`.
    pub server_log: Option<bool>,
    /// Custom observers of responses. A file cannot set them. Default: none.
    pub observers: Vec<CustomObserver>,
    /// Functions that change or drop items before they are exported, in their order: see
    /// [`Settings::with_processor`](crate::Settings::with_processor). A file cannot set them. Default: none.
    pub processors: Vec<CustomProcessor>,
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self {
            exporter: ExporterSetting::default(),
            sampler: SamplerSetting::default(),
            rates: Vec::new(),
            preset: SamplingPreset::default(),
            edge: false,
            parent_trust: None,
            remote_unsampled: None,
            keep_failures: KeepFailures::default(),
            keep_slower_than: None,
            keep_items: true,
            client_errors_succeed: false,
            blacklist_paths: Vec::new(),
            blacklist_hostnames: Vec::new(),
            propagator: Propagators::default(),
            opentelemetry_context: true,
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            event_streams_to_the_end: false,
            scheme: None,
            known_methods: Vec::new(),
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            exceptions: true,
            client_error_exceptions: false,
            body_sizes: false,
            trace_response: false,
            request_events: None,
            security_events: true,
            server_log: None,
            observers: Vec::new(),
            processors: Vec::new(),
        }
    }
}
