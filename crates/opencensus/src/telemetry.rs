//! The handle of running telemetry, and its error.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opencensus_core::pipeline::Completion;
use opencensus_core::{
    InMemoryExporter, InvalidPathEntry, InvalidProxy, Observer, Pipeline, Privacy, StartError, Stats, TelemetryItem,
    Tracer, current,
};

use crate::middleware::header_capture::{HeaderCapture, InvalidHeader};
use crate::middleware::options::ExchangeOptions;
use crate::security::{AllowedHosts, AllowedHostsLayer};
use crate::settings::{InvalidRateRule, InvalidSettings, Settings};

/// Handle of running telemetry. Clones are cheap and share one pipeline.
///
/// Each start makes a new pipeline. Of two layers around one service, the outer one records,
/// whichever handles they have. Dropping the last clone (layers and services hold clones) closes the
/// pipeline and waits at most [`PipelineLimits::grace`](crate::settings::PipelineLimits::grace) for it; call
/// [`shutdown`](Self::shutdown) to wait longer and to get a report of what was delivered.
///
/// # Examples
///
/// ```no_run
/// use opencensus::{OpenCensusLayer, Telemetry};
/// use std::time::Duration;
///
/// let telemetry = Telemetry::from_env()?; // APPLICATIONINSIGHTS_CONNECTION_STRING
/// let layer = OpenCensusLayer::new(telemetry.clone());
/// // … serve requests through the layer …
/// println!("{}", telemetry.shutdown(Duration::from_secs(5)).wait());
/// # Ok::<(), opencensus::TelemetryError>(())
/// ```
#[doc(alias = "Config")]
#[derive(Clone)]
pub struct Telemetry {
    // `None`: disabled.
    running: Option<Arc<Running>>,
    // Checked even if telemetry is disabled. `None`: without settings, every host is allowed.
    allowed_hosts: Option<Arc<AllowedHostsLayer>>,
}

pub(crate) struct Running {
    pub(crate) tracer: Tracer,
    pub(crate) pipeline: Pipeline,
    pub(crate) observers: Observers,
    pub(crate) options: ExchangeOptions,
    pub(crate) privacy: Privacy,
    /// The process, for the providers of OpenTelemetry's SDK.
    #[cfg(feature = "opentelemetry")]
    pub(crate) resource: opencensus_core::Resource,
    /// `None`: the settings capture nothing.
    pub(crate) capture: Option<Arc<HeaderCapture>>,
    /// Flushed at a shutdown, at the drain deadline, and when the last handle is dropped.
    #[cfg(feature = "logging")]
    pub(crate) logging: Option<opencensus_logging::Logging>,
}

/// The observers of responses.
pub(crate) type Observers = Arc<[Box<dyn Observer>]>;

/// An error that prevents telemetry from starting. `Debug` shows the same text as `Display`, because a program
/// whose `main` returns the error prints its `Debug`.
///
/// # Examples
///
/// ```
/// use opencensus::{Settings, TelemetryError};
///
/// assert!(matches!(Settings::default().start(), Err(TelemetryError::NoDestination)));
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The file or the environment is invalid: all faults, one per line.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// The settings name no destination.
    #[cfg_attr(
        feature = "azure",
        error(
            "telemetry has no destination: set `APPLICATIONINSIGHTS_CONNECTION_STRING` \
             (or `OTEL_SDK_DISABLED=true` to run without telemetry)"
        )
    )]
    #[cfg_attr(not(feature = "azure"), error("telemetry has no destination: use `start_with`, or the feature `azure`"))]
    NoDestination,
    /// An entry of the blacklist is invalid.
    #[error(transparent)]
    Blacklist(#[from] InvalidPathEntry),
    /// The path or route of a rate is invalid.
    #[error(transparent)]
    Rate(#[from] InvalidRateRule),
    /// A trusted proxy is neither an address nor a network.
    #[error(transparent)]
    Proxy(#[from] InvalidProxy),
    /// The logging configuration is invalid, or its file cannot be read.
    #[cfg(feature = "logging")]
    #[error(transparent)]
    Logging(#[from] opencensus_logging::config::ConfigFileError),
    /// A header cannot be captured.
    #[error(transparent)]
    Header(#[from] InvalidHeader),
    /// The exporter cannot be made.
    #[cfg(feature = "azure")]
    #[error(transparent)]
    Azure(#[from] opencensus_azure::AzureExporterError),
    /// The file of root certificates is invalid, or cannot be read.
    #[cfg(feature = "azure")]
    #[error("the root certificates of `{}`: {reason}", .file.display())]
    ExtraRoots {
        /// The file's path.
        file: std::path::PathBuf,
        /// The fault.
        reason: String,
    },
    /// The pipeline did not start.
    #[error(transparent)]
    Pipeline(#[from] StartError),
}

impl Telemetry {
    /// Starts with the settings of the environment, which override those of the file that
    /// `OPENCENSUS_CONFIG` names. [`settings`](crate::settings) lists all of them.
    ///
    /// # Errors
    ///
    /// Fails if a setting is invalid, no setting names a destination, or the exporter cannot start.
    pub fn from_env() -> Result<Self, TelemetryError> {
        Settings::from_env()?.start()
    }

    /// Starts with the settings of the environment, which override those of a file in TOML or JSON.
    /// [`settings`](crate::settings) lists all of them.
    ///
    /// # Errors
    ///
    /// Fails if a setting is invalid, no setting names a destination, or the exporter cannot start.
    #[cfg(feature = "file")]
    pub fn from_file(path: impl AsRef<std::path::Path>) -> Result<Self, TelemetryError> {
        Settings::from_file(path)?.start()
    }

    /// Keeps all telemetry in memory, for tests of an application: requests, exceptions, messages and all other
    /// items, each with a method of its own.
    ///
    /// # Panics
    ///
    /// Panics if the process cannot start a thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::Telemetry;
    /// use std::time::Duration;
    ///
    /// let (telemetry, requests) = Telemetry::in_memory();
    /// // … serve requests through `OpenCensusLayer::new(telemetry.clone())` …
    /// telemetry.flush(Duration::from_secs(1)).wait();
    /// assert!(requests.requests().is_empty());
    /// ```
    #[must_use]
    pub fn in_memory() -> (Self, InMemoryExporter) {
        let exporter = InMemoryExporter::default();
        let telemetry = Settings::default().start_in_memory(exporter.clone());
        (telemetry.expect("a process without a spare thread cannot be tested"), exporter)
    }

    /// Records nothing: requests pass through.
    #[must_use]
    pub const fn disabled() -> Self {
        Self { running: None, allowed_hosts: None }
    }

    /// Sends the queued items now. Await the result on any executor, or block with `.wait()`.
    pub fn flush(&self, deadline: Duration) -> Completion {
        match &self.running {
            Some(running) => running.pipeline.flush(deadline),
            None => Completion::nothing_to_do(),
        }
    }

    /// Stops recording requests, and sends the queued items. Await the result on any executor, or block with
    /// `.wait()`. Items that cannot be sent by the deadline are kept on disk for the next process, or dropped and counted
    /// if there is no [store](crate::settings::StoreSettings).
    ///
    /// The records that the [logging system](crate::Settings::with_logging) has queued are written first. This usually
    /// takes milliseconds; a handler that hangs blocks the call for half of the deadline.
    pub fn shutdown(&self, deadline: Duration) -> Completion {
        match &self.running {
            Some(running) => running.pipeline.shutdown(running.flush_logging(deadline)),
            None => Completion::nothing_to_do(),
        }
    }

    /// A layer that rejects requests for hosts that the settings do not
    /// [allow](crate::settings::SecuritySettings::allowed_hosts), with the status 400. Place it inside
    /// [`OpenCensusLayer`](crate::OpenCensusLayer), which records the responses. It works without telemetry, too: only
    /// [`disabled`](Self::disabled), which has no settings, allows every host.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use opencensus::{InMemoryExporter, OpenCensusLayer, Settings};
    ///
    /// let mut settings = Settings::default();
    /// settings.security.allowed_hosts = vec!["shop.example".to_owned()];
    /// let telemetry = settings.start_with(InMemoryExporter::default())?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "home" }))
    ///     .layer(telemetry.allowed_hosts())
    ///     .layer(OpenCensusLayer::new(telemetry));
    /// # Ok::<(), opencensus::TelemetryError>(())
    /// ```
    #[must_use]
    pub fn allowed_hosts(&self) -> AllowedHostsLayer {
        let every = || AllowedHostsLayer::new(AllowedHosts::everything());
        self.allowed_hosts.as_deref().map_or_else(every, Clone::clone)
    }

    /// The counters of requests and items.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.running.as_ref().map(|running| running.pipeline.stats()).unwrap_or_default()
    }

    /// Writes the current request's trace into the headers of a call to `authority` (`host` or `host:port`). The same as
    /// [`inject`](crate::inject), which heeds the settings of the request's own telemetry.
    ///
    /// # Examples
    ///
    /// ```
    /// # let (telemetry, _) = opencensus::Telemetry::in_memory();
    /// let mut headers = http::HeaderMap::new();
    /// telemetry.inject("stock.example:8080", &mut headers);
    /// assert!(headers.is_empty(), "no request is being handled here");
    /// ```
    pub fn inject(&self, authority: &str, headers: &mut http::HeaderMap) {
        crate::inject(authority, headers);
    }

    /// Sends a custom item: an event, a metric, a page view, the result of an availability test, an
    /// exception, a message, or a span. It never blocks: if the queue is full, the item is refused and counted.
    ///
    /// Inside of a request the item belongs to it, unless it has the context of another trace: it has the operation and the
    /// rate of the request, and is sent if the request is. Metrics and results of availability tests are always sent, and
    /// so are all items with [`track_always`](Self::track_always).
    ///
    /// The request is the one that this thread is handling; in a spawned task call
    /// [`RequestTelemetry::track`](crate::RequestTelemetry::track).
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::core::{EventRecord, Origin};
    /// use std::time::SystemTime;
    ///
    /// let (telemetry, exporter) = opencensus::Telemetry::in_memory();
    /// telemetry.track(EventRecord::new(Origin::at(SystemTime::now()), "order placed"));
    /// telemetry.flush(std::time::Duration::from_secs(1)).wait();
    /// assert_eq!(exporter.items().len(), 1);
    /// ```
    pub fn track(&self, item: impl Into<TelemetryItem>) {
        let Some(running) = &self.running else { return };
        let item = item.into();
        match current::get() {
            Some(request) if item.trace_id().is_none_or(|trace| trace == request.context().trace_id()) => {
                request.submit(item);
            }
            _ => running.pipeline.submit(item),
        }
    }

    /// Sends a custom item as [`track`](Self::track) does, whether the current request is kept or not. An item without a
    /// trace context gets that of the request. It represents itself alone, unless it has another rate.
    pub fn track_always(&self, item: impl Into<TelemetryItem>) {
        let Some(running) = &self.running else { return };
        let mut item = item.into();
        if let Some(origin) = item.origin_mut().filter(|origin| origin.context.is_none()) {
            origin.context = current::context();
        }
        running.pipeline.submit(item);
    }

    /// The pipeline, for exporters and processors of OpenTelemetry's SDK such as
    /// [`PipelineSpanExporter`](https://docs.rs/opencensus-opentelemetry). `None`: disabled.
    #[must_use]
    pub fn pipeline(&self) -> Option<&Pipeline> {
        self.running.as_ref().map(|running| &running.pipeline)
    }

    pub(crate) fn new(running: Option<Running>, allowed_hosts: AllowedHostsLayer) -> Self {
        let running = running.map(Arc::new);
        #[cfg(feature = "shutdown-signal")]
        if let Some(running) = &running {
            crate::shutdown::register(Arc::<Running>::downgrade(running));
        }
        Self { running, allowed_hosts: Some(Arc::new(allowed_hosts)) }
    }

    pub(crate) fn running(&self) -> Option<&Arc<Running>> {
        self.running.as_ref()
    }

    pub(crate) fn tracer(&self) -> Option<&Tracer> {
        self.running.as_ref().map(|running| &running.tracer)
    }
}

impl Running {
    /// Writes the log records that are queued, within half of the deadline. The rest of the deadline.
    fn flush_logging(&self, deadline: Duration) -> Duration {
        #[cfg(feature = "logging")]
        if let Some(logging) = &self.logging {
            let started = std::time::Instant::now();
            logging.flush(deadline / 2);
            return deadline.saturating_sub(started.elapsed());
        }
        deadline
    }
}

/// How long the last handle waits for log records, before it waits for the pipeline.
#[cfg(feature = "logging")]
const LOGGING_GRACE: Duration = Duration::from_secs(1);

#[cfg(feature = "logging")]
impl Drop for Running {
    fn drop(&mut self) {
        if let Some(logging) = &self.logging {
            logging.flush(LOGGING_GRACE);
        }
    }
}

#[cfg(feature = "shutdown-signal")]
impl crate::shutdown::LiveTelemetry for Running {
    fn flush(&self, deadline: Duration) -> Completion {
        self.pipeline.flush(deadline)
    }

    fn shutdown(&self, deadline: Duration) -> Completion {
        self.pipeline.shutdown(deadline)
    }

    fn flush_logs(&self, deadline: Duration) {
        #[cfg(feature = "logging")]
        if let Some(logging) = &self.logging {
            logging.flush(deadline);
        }
        #[cfg(not(feature = "logging"))]
        let _ = deadline;
    }

    fn stats(&self) -> Stats {
        self.pipeline.stats()
    }
}

impl fmt::Debug for TelemetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("stats", &self.pipeline.stats()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("disabled", &self.running.is_none()).field("stats", &self.stats()).finish()
    }
}
