//! A running configuration.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opencensus_core::pipeline::{Completion, PipelineOptions, ThreadGuard};
use opencensus_core::{
    Beside, ConsoleExporter, Exporter, InMemoryExporter, InvalidPathEntry, InvalidProxy, Observer, PathFilter,
    Pipeline, StartError, Stats, Telemetry, Tracer, TrustedProxies,
};

use crate::capture::{Capture, InvalidHeader};
use crate::events::Events;
use crate::scope::ScopeOptions;
use crate::security::{AllowedHosts, AllowedHostsLayer};
use crate::settings::{CustomProcessor, default_service_name};
use crate::settings::{ExporterSetting, InvalidRateRule, InvalidSettings, Settings};

/// Handle of a running configuration: cheap to clone, and all clones share one pipeline.
///
/// Two configurations are two pipelines; nothing is global. Of two layers around one service the
/// outer one records, whichever configuration they have. Dropping the last clone (layers and
/// services hold clones) closes the pipeline and waits at most
/// [`PipelineLimits::grace`](crate::PipelineLimits::grace) for it; call
/// [`shutdown`](Self::shutdown) to wait longer and to learn what was delivered.
#[derive(Clone)]
pub struct Config {
    // `None`: disabled.
    running: Option<Arc<Running>>,
}

struct Running {
    allowed_hosts: AllowedHostsLayer,
    tracer: Tracer,
    pipeline: Pipeline,
    // Calls to these hosts carry no trace.
    hosts: PathFilter,
    observers: Observers,
    options: ScopeOptions,
    // `None`: nothing.
    capture: Option<Arc<Capture>>,
}

/// Who wants to hear of answers.
pub(crate) type Observers = Arc<[Box<dyn Observer>]>;

/// Why there is no configuration. `Debug` shows the same as `Display`, since that is what a program
/// prints whose `main` returns the error.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file or the environment makes no sense: all faults, one a line.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// Nothing says where telemetry goes.
    #[cfg_attr(
        feature = "azure",
        error(
            "nothing says where telemetry goes: set `APPLICATIONINSIGHTS_CONNECTION_STRING` \
             (or `OTEL_SDK_DISABLED=true` to run without telemetry)"
        )
    )]
    #[cfg_attr(
        not(feature = "azure"),
        error("nothing says where telemetry goes: use `start_with`, or the feature `azure`")
    )]
    NoDestination,
    /// An entry of the blacklist makes no sense.
    #[error(transparent)]
    Blacklist(#[from] InvalidPathEntry),
    /// A rate's path or route makes no sense.
    #[error(transparent)]
    Rate(#[from] InvalidRateRule),
    /// A trusted proxy is neither an address nor a network.
    #[error(transparent)]
    Proxy(#[from] InvalidProxy),
    /// The file of logging's settings cannot be used.
    #[cfg(feature = "logging")]
    #[error(transparent)]
    Logging(#[from] opencensus_logging::config::ConfigFileError),
    /// A header cannot be told.
    #[error(transparent)]
    Header(#[from] InvalidHeader),
    /// The exporter cannot be made.
    #[cfg(feature = "azure")]
    #[error(transparent)]
    Azure(#[from] opencensus_azure::AzureExporterError),
    /// The file of root certificates cannot be used.
    #[cfg(feature = "azure")]
    #[error("the root certificates of `{}`: {reason}", .file.display())]
    ExtraRoots {
        /// The file that was named.
        file: std::path::PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The pipeline did not start.
    #[error(transparent)]
    Pipeline(#[from] StartError),
}

#[cfg(feature = "azure")]
fn extra_roots(file: &std::path::Path) -> Result<opencensus_azure::ExtraRoots, ConfigError> {
    let fault = |reason| ConfigError::ExtraRoots { file: file.to_owned(), reason };
    let pem = std::fs::read(file).map_err(|error| fault(error.to_string()))?;
    opencensus_azure::ExtraRoots::from_pem(&pem).map_err(|error| fault(error.to_string()))
}

impl Config {
    /// Reads the environment, over the file that `OPENCENSUS_CONFIG` names if it is set, and starts.
    /// See [`settings`](crate::settings) for all of it.
    ///
    /// # Errors
    ///
    /// The settings make no sense, nothing says where telemetry goes, or the exporter cannot start.
    pub fn from_env() -> Result<Self, ConfigError> {
        Settings::from_env()?.start()
    }

    /// Reads the environment, over a file of TOML or JSON, and starts. See
    /// [`settings`](crate::settings) for all of it.
    ///
    /// # Errors
    ///
    /// The settings make no sense, nothing says where telemetry goes, or the exporter cannot start.
    #[cfg(feature = "file")]
    pub fn from_file(path: impl AsRef<std::path::Path>) -> Result<Self, ConfigError> {
        Settings::from_file(path)?.start()
    }

    /// Keeps everything in memory, for tests of an application.
    ///
    /// # Panics
    ///
    /// The process cannot start a thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::Config;
    /// use std::time::Duration;
    ///
    /// let (telemetry, requests) = Config::in_memory();
    /// // … serve requests through `OpenCensusLayer::new(telemetry.clone())` …
    /// telemetry.flush(Duration::from_secs(1)).wait();
    /// assert!(requests.requests().is_empty());
    /// ```
    #[must_use]
    pub fn in_memory() -> (Self, InMemoryExporter) {
        let exporter = InMemoryExporter::default();
        let config = Settings::default().start_with(exporter.clone());
        (config.expect("a process without a spare thread cannot be tested"), exporter)
    }

    /// Requests pass through, and nothing is recorded.
    #[must_use]
    pub const fn disabled() -> Self {
        Self { running: None }
    }

    /// Sends what is queued now: a future for every executor, or `.wait()` for it.
    pub fn flush(&self, deadline: Duration) -> Completion {
        match &self.running {
            Some(running) => running.pipeline.flush(deadline),
            None => Completion::nothing_to_do(),
        }
    }

    /// Records no more requests, and sends what is queued: a future for every executor, or
    /// `.wait()` for it. What cannot be sent by the deadline is dropped and counted.
    pub fn shutdown(&self, deadline: Duration) -> Completion {
        match &self.running {
            Some(running) => running.pipeline.shutdown(deadline),
            None => Completion::nothing_to_do(),
        }
    }

    /// A layer that answers requests for hosts that are not [allowed](Settings::with_allowed_hosts) with 400. It stands inside
    /// of [`OpenCensusLayer`](crate::OpenCensusLayer), which tells of them. A configuration that is
    /// [disabled](Self::disabled) lets every host pass.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use opencensus::{InMemoryExporter, OpenCensusLayer, Settings};
    ///
    /// let settings = Settings::default().with_allowed_hosts(["shop.example"]);
    /// let telemetry = settings.start_with(InMemoryExporter::default())?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "home" }))
    ///     .layer(telemetry.allowed_hosts())
    ///     .layer(OpenCensusLayer::new(telemetry));
    /// # Ok::<(), opencensus::ConfigError>(())
    /// ```
    #[must_use]
    pub fn allowed_hosts(&self) -> AllowedHostsLayer {
        let every = || AllowedHostsLayer::new(AllowedHosts::everything());
        self.running.as_ref().map_or_else(every, |running| running.allowed_hosts.clone())
    }

    /// What has become of the requests so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.running.as_ref().map(|running| running.pipeline.stats()).unwrap_or_default()
    }

    /// Adds the current request's `traceparent` and `tracestate` to the headers of a call to
    /// `authority` (`host` or `host:port`), as [`inject`](crate::inject) does, unless
    /// `blacklist_hostnames` holds that host: then the headers stay as they are.
    ///
    /// # Examples
    ///
    /// ```
    /// # let (telemetry, _) = opencensus::Config::in_memory();
    /// let mut headers = http::HeaderMap::new();
    /// telemetry.inject("stock.example:8080", &mut headers);
    /// assert!(headers.is_empty(), "no request is being handled here");
    /// ```
    pub fn inject(&self, authority: &str, headers: &mut http::HeaderMap) {
        let is_hidden = |running: &Arc<Running>| running.hosts.hides("", None, Some(authority), "");
        if !self.running.as_ref().is_some_and(is_hidden) {
            crate::inject(headers);
        }
    }

    /// Sends an item of one's own: an event, a metric, a page view, the result of an availability test, an
    /// error, a message, a span. What has no place in a trace yet belongs to the request that is being
    /// handled, kept or not. It is not sampled. Never waits; what is refused is counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::core::{EventRecord, Origin};
    /// use std::time::SystemTime;
    ///
    /// let (telemetry, seen) = opencensus::Config::in_memory();
    /// telemetry.track(EventRecord::new(Origin::at(SystemTime::now()), "order placed"));
    /// telemetry.flush(std::time::Duration::from_secs(1)).wait();
    /// assert_eq!(seen.items().len(), 1);
    /// ```
    pub fn track(&self, item: impl Into<Telemetry>) {
        let Some(running) = &self.running else { return };
        let mut item = item.into();
        if let Some(origin) = item.origin_mut().filter(|origin| origin.context.is_none()) {
            origin.context = crate::current_context();
        }
        running.pipeline.submit(item);
    }

    /// The pipeline, for exporters of OpenTelemetry's SDK such as
    /// [`PipelineSpanExporter`](https://docs.rs/opencensus-opentelemetry). `None`: disabled.
    #[must_use]
    pub fn pipeline(&self) -> Option<&Pipeline> {
        self.running.as_ref().map(|running| &running.pipeline)
    }

    pub(crate) fn observers(&self) -> Option<&Observers> {
        self.running.as_ref().map(|running| &running.observers).filter(|observers| !observers.is_empty())
    }

    pub(crate) fn capture(&self) -> Option<&Arc<Capture>> {
        self.running.as_ref()?.capture.as_ref()
    }

    pub(crate) fn tracer(&self) -> Option<(&Tracer, ScopeOptions)> {
        self.running.as_ref().map(|running| (&running.tracer, running.options))
    }
}

impl Settings {
    /// Starts to send to the connection string's endpoint. All that can fail fails here.
    ///
    /// # Errors
    ///
    /// Nothing says where telemetry goes, an entry of the blacklist makes no sense, or the exporter
    /// cannot start.
    pub fn start(self) -> Result<Config, ConfigError> {
        if self.disabled {
            return Ok(Config::disabled());
        }
        let named = self.named();
        let (exporter, destination) = named.exporter()?;
        named.run(exporter, &destination)
    }

    /// [`start`](Self::start), and gives every request to this exporter as well: OTLP beside Azure, for
    /// example. The second pipeline is returned for its counters; it ends with the configuration.
    ///
    /// # Errors
    ///
    /// Those of `start`, or this exporter cannot start.
    pub fn start_beside(self, exporter: impl Exporter) -> Result<(Config, Pipeline), ConfigError> {
        let other = Pipeline::start(Box::new(exporter), self.limits.clone(), thread_guard())?;
        if self.disabled {
            return Ok((Config::disabled(), other));
        }
        let named = self.named();
        let (exporter, destination) = named.exporter()?;
        let config = named.run(Box::new(Beside::new(exporter, other.clone())), &destination)?;
        Ok((config, other))
    }

    /// Starts with an exporter of one's own instead, which knows by itself where telemetry goes and in
    /// whose name: `exporter`, `connection_string`, `resource` and the other settings of an exporter are
    /// not looked at.
    ///
    /// # Errors
    ///
    /// An entry of the blacklist makes no sense, or the exporter cannot start.
    pub fn start_with(self, exporter: impl Exporter) -> Result<Config, ConfigError> {
        if self.disabled {
            return Ok(Config::disabled());
        }
        self.run(Box::new(exporter), "custom")
    }

    /// With a name for the service, whoever gave none.
    fn named(mut self) -> Self {
        #[cfg(feature = "azure")]
        self.add_surroundings(|name| std::env::var(name).ok());
        if self.resource.get("service.name").is_none() {
            self.resource.set("service.name", default_service_name());
        }
        self
    }

    /// What Azure's variables say, where nothing else does.
    #[cfg(feature = "azure")]
    fn add_surroundings(&mut self, environment: impl Fn(&str) -> Option<String>) {
        for (key, value) in opencensus_azure::surroundings(environment).iter() {
            if self.resource.get(key).is_none() {
                self.resource.set(key, value);
            }
        }
    }

    /// The exporter, and what it is called.
    fn exporter(&self) -> Result<(Box<dyn Exporter>, String), ConfigError> {
        match self.exporter {
            ExporterSetting::Azure => self.azure_exporter(),
            ExporterSetting::Console => Ok((Box::new(ConsoleExporter), "console".to_owned())),
        }
    }

    #[cfg(feature = "azure")]
    fn azure_exporter(&self) -> Result<(Box<dyn Exporter>, String), ConfigError> {
        let connection = self.connection_string.as_ref().ok_or(ConfigError::NoDestination)?;
        let mut exporter = opencensus_azure::AzureExporter::new(connection, &self.resource)?
            .with_client_errors_as_success(self.client_errors_succeed)
            .with_compression(self.azure_compression)
            .with_plain_http(self.azure_plain_http);
        if let Some(proxy) = &self.azure_proxy {
            exporter = exporter.with_proxy(proxy.clone());
        }
        if let Some(file) = &self.azure_extra_roots {
            exporter = exporter.with_extra_roots(extra_roots(file)?);
        }
        if let Some(timeout) = self.azure_timeout {
            exporter = exporter.with_timeout(timeout);
        }
        let endpoint = exporter.endpoint().to_owned();
        Ok((Box::new(exporter), endpoint))
    }

    #[cfg(not(feature = "azure"))]
    fn azure_exporter(&self) -> Result<(Box<dyn Exporter>, String), ConfigError> {
        Err(ConfigError::NoDestination)
    }

    fn run(
        #[cfg_attr(not(feature = "logging"), expect(unused_mut))] mut self,
        exporter: Box<dyn Exporter>,
        destination: &str,
    ) -> Result<Config, ConfigError> {
        let filter = PathFilter::new(&self.blacklist_paths)?;
        let hosts = PathFilter::new(self.blacklist_hostnames.iter().map(|host| format!("host:{host}")))?;
        let sampler = self.sampler()?;
        let proxies = TrustedProxies::new(&self.trusted_proxies, self.forwarded_header)?;
        let capture = Capture::new(&self.request_headers, &self.response_headers, self.body_sizes)?;
        let (parents, tail) = (self.parents(), self.tail_sampling());
        let processors = self.processors.iter().map(CustomProcessor::boxed).collect();
        let mut options = PipelineOptions::default();
        options.limits = self.limits.clone();
        options.guard = thread_guard();
        options.processors = processors;
        options.report_interval = self.stats_interval;
        let pipeline = Pipeline::start_with(exporter, options)?;
        let tracer = Tracer::new(filter, sampler, parents, &pipeline)
            .with_tail_sampling(tail)
            .with_privacy(self.privacy)
            .with_trusted_proxies(proxies)
            .with_propagators(self.propagators.clone());
        #[cfg(feature = "logging")]
        self.set_up_logging(&pipeline)?;
        self.tell(destination);
        let options = ScopeOptions {
            #[cfg(feature = "opentelemetry")]
            with_context: !self.without_opentelemetry_context,
            streams_to_the_end: self.event_streams_to_the_end,
            trace_response: self.trace_response,
            body_sizes: self.body_sizes,
        };
        let capture = capture.is_on().then(|| Arc::new(capture));
        let (observers, allowed_hosts) = (self.observers(), self.allowed_hosts());
        let running = Running { allowed_hosts, tracer, pipeline, hosts, observers, options, capture };
        Ok(Config { running: Some(Arc::new(running)) })
    }

    /// The logging system that is told of answers. Its configurations may name what leads to this pipeline.
    #[cfg(feature = "logging")]
    fn set_up_logging(&mut self, pipeline: &Pipeline) -> Result<(), ConfigError> {
        if self.logging_config.is_some() {
            self.logging.get_or_insert_with(|| opencensus_logging::Logging::global().clone());
        }
        let Some(logging) = &self.logging else { return Ok(()) };
        crate::TelemetryHandler::register(logging, pipeline);
        if let Some(file) = &self.logging_config {
            logging.setup_file(file)?;
        }
        if let Some(debug) = self.debug {
            logging.set_debug(debug);
        }
        Ok(())
    }

    fn has_server_log(&self) -> bool {
        self.server_log.unwrap_or_else(|| self.is_debug())
    }

    fn is_debug(&self) -> bool {
        #[cfg(feature = "logging")]
        let of_logging = self.logging.as_ref().is_some_and(opencensus_logging::Logging::is_debug);
        #[cfg(not(feature = "logging"))]
        let of_logging = false;
        self.debug.unwrap_or(of_logging)
    }

    fn allowed_hosts(&self) -> AllowedHostsLayer {
        let hosts = AllowedHosts::new(&self.allowed_hosts).with_debug(self.is_debug());
        AllowedHostsLayer::new(hosts).with_x_forwarded_host(self.use_x_forwarded_host)
    }

    fn observers(&self) -> Observers {
        let events = Events {
            requests: !self.without_request_events,
            security: !self.without_security_events,
            server: self.has_server_log(),
        };
        let own = self.observers.iter().map(|observer| Box::new(observer.clone()) as Box<dyn Observer>);
        let is_on = events.requests || events.security || events.server;
        let events = is_on.then(|| Box::new(events) as Box<dyn Observer>);
        #[cfg(feature = "logging")]
        let events: Vec<_> = match &self.logging {
            // They may well be in front of a handler for `tracing` themselves.
            Some(logging) => self.loggers(logging).collect(),
            None => events.into_iter().collect(),
        };
        events.into_iter().chain(own).collect()
    }

    #[cfg(feature = "logging")]
    fn loggers(&self, logging: &opencensus_logging::Logging) -> impl Iterator<Item = Box<dyn Observer>> {
        let requests: Box<dyn Observer> = Box::new(crate::RequestLogger::new(logging));
        let server = self.has_server_log().then(|| Box::new(crate::ServerLogger::new(logging)) as Box<dyn Observer>);
        [requests].into_iter().chain(server)
    }

    /// One line at the start, and one for each setting that means nothing here.
    fn tell(&self, destination: &str) {
        let role = self.resource.role().unwrap_or_default();
        tracing::info!(target: "opencensus", destination, role, sampler = %self.sampler, "telemetry is on");
        for note in self.notes() {
            tracing::warn!(target: "opencensus", "{note}");
        }
    }
}

/// The exporter's own work leaves no telemetry.
fn thread_guard() -> Option<ThreadGuard> {
    #[cfg(feature = "opentelemetry")]
    return Some(Box::new(opencensus_opentelemetry::suppress_on_this_thread));
    #[cfg(not(feature = "opentelemetry"))]
    None
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("disabled", &self.running.is_none()).field("stats", &self.stats()).finish()
    }
}

#[cfg(all(test, feature = "azure"))]
mod tests {
    use super::*;

    #[test]
    fn surroundings_fill_in_what_nobody_has_said() {
        let variables = |name: &str| match name {
            "WEBSITE_SITE_NAME" => Some("site".to_owned()),
            "WEBSITE_INSTANCE_ID" => Some("4f1".to_owned()),
            _ => None,
        };
        let mut unnamed = Settings::default();
        unnamed.add_surroundings(variables);
        assert_eq!(unnamed.resource.role().as_deref(), Some("site"));
        let mut named = Settings::default().with_service_name("shop");
        named.add_surroundings(variables);
        assert_eq!((named.resource.role().as_deref(), named.resource.role_instance()), (Some("shop"), Some("4f1")));
    }
}
