//! Builds and starts the parts of a pipeline in their order.

use std::sync::Arc;

use opencensus_core::pipeline::{PipelineOptions, ThreadGuard};
use opencensus_core::{Exporter, InMemoryExporter, Observer, PathFilter, Pipeline, Tee, Tracer, TrustedProxies};

use crate::middleware::header_capture::HeaderCapture;
use crate::middleware::options::{Exceptions, ExchangeOptions, ResponseOptions};
use crate::security::{AllowedHosts, AllowedHostsLayer};
use crate::settings::{CustomProcessor, Settings};
use crate::start::exporter::{self, Destination};
#[cfg(feature = "logging")]
use crate::start::logging;
use crate::start::logging_system::LoggingSystem;
use crate::start::{notices, observers, resource, sampling, setup_check, store};
use crate::telemetry::{Observers, Running, Telemetry, TelemetryError};

impl Settings {
    /// Starts a pipeline with the exporter of the settings. Everything that can fail fails here. One line of the
    /// log names the destination, the role, the sampler with its rate, and the folder of the store, or states that telemetry is off; each of the
    /// [`notes`](Self::notes) is a warning. Without a subscriber of `tracing`, the lines go to the logging system of the
    /// settings, else to the standard error output.
    ///
    /// # Errors
    ///
    /// No destination is set, an entry of a list is invalid, or the exporter cannot start.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::exporter::ExporterSetting;
    /// use opencensus::Settings;
    /// use std::time::Duration;
    ///
    /// let telemetry = Settings::default().with_exporter(ExporterSetting::Console).start()?;
    /// telemetry.shutdown(Duration::from_secs(5)).wait();
    /// # Ok::<(), opencensus::TelemetryError>(())
    /// ```
    pub fn start(self) -> Result<Telemetry, TelemetryError> {
        self.noting_failure(Self::start_built_in)
    }

    fn start_built_in(mut self) -> Result<Telemetry, TelemetryError> {
        if self.disabled {
            return self.start_disabled();
        }
        self.resource = resource::complete(self.resource);
        let destination = exporter::built_in(&self)?;
        self.run(destination, true)
    }

    /// Logs the notes if the start fails.
    fn noting_failure<T>(self, start: impl FnOnce(Self) -> Result<T, TelemetryError>) -> Result<T, TelemetryError> {
        let notes = self.notes().to_vec();
        start(self).inspect_err(|_| notices::log_notes_of_failure(&notes))
    }

    /// Like [`start`](Self::start), and sends every item to a second exporter as well, for example OTLP beside Azure.
    /// The second exporter has a separate pipeline, which is returned so that the program can read its counters. It ends
    /// with the handle.
    ///
    /// # Errors
    ///
    /// Those of `start`, or the second exporter cannot start.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::exporter::ExporterSetting;
    /// use opencensus::{InMemoryExporter, Settings};
    ///
    /// let copy = InMemoryExporter::default();
    /// let settings = Settings::default().with_exporter(ExporterSetting::Console);
    /// let (telemetry, pipeline) = settings.start_with_additional(copy.clone())?;
    /// # Ok::<(), opencensus::TelemetryError>(())
    /// ```
    pub fn start_with_additional(self, exporter: impl Exporter) -> Result<(Telemetry, Pipeline), TelemetryError> {
        self.noting_failure(|settings| settings.start_tee(exporter))
    }

    fn start_tee(mut self, exporter: impl Exporter) -> Result<(Telemetry, Pipeline), TelemetryError> {
        let additional = Pipeline::start(Box::new(exporter), self.limits.clone(), thread_guard())?;
        if self.disabled {
            return Ok((self.start_disabled()?, additional));
        }
        self.resource = resource::complete(self.resource);
        let Destination { exporter, name, is_stored } = exporter::built_in(&self)?;
        let exporter = Box::new(Tee::new(exporter, additional.clone()));
        Ok((self.run(Destination { exporter, name, is_stored }, true)?, additional))
    }

    /// Starts a pipeline with a custom exporter, which knows its own destination: `trace.exporter`, `azure` and
    /// `resource` are ignored.
    ///
    /// # Errors
    ///
    /// An entry of a list is invalid, or the exporter cannot start.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::{InMemoryExporter, Settings};
    ///
    /// let exporter = InMemoryExporter::default();
    /// let telemetry = Settings::default().start_with(exporter.clone())?;
    /// # Ok::<(), opencensus::TelemetryError>(())
    /// ```
    pub fn start_with(self, exporter: impl Exporter) -> Result<Telemetry, TelemetryError> {
        if self.disabled {
            return self.start_disabled();
        }
        self.run(Destination::custom(exporter), true)
    }

    /// Like `start_with`, for tests, which need no server and no router.
    pub(crate) fn start_in_memory(self, exporter: InMemoryExporter) -> Result<Telemetry, TelemetryError> {
        self.run(Destination::custom(exporter), false)
    }

    fn run(self, destination: Destination, checks_setup: bool) -> Result<Telemetry, TelemetryError> {
        let trace = &self.trace;
        let filter = PathFilter::new(&trace.blacklist_paths)?;
        let hosts = PathFilter::new(trace.blacklist_hostnames.iter().map(|host| format!("host:{host}")))?;
        let sampler = sampling::sampler(trace)?;
        let proxies = TrustedProxies::new(&trace.trusted_proxies, trace.forwarded_header)?;
        let capture = HeaderCapture::new(&trace.request_headers, &trace.response_headers, trace.body_sizes)?;
        let mut options = self.pipeline_options();
        if checks_setup {
            options.setup_check = setup_check::of(trace);
        }
        let store = destination.is_stored.then(|| store::description(options.store.as_ref()));
        let pipeline = Pipeline::start_with(destination.exporter, options)?;
        let tracer = Tracer::new(filter, sampler, sampling::parents(trace), &pipeline)
            .with_tail_sampling(sampling::tail_sampling(trace))
            .with_privacy(self.privacy)
            .with_trusted_proxies(proxies)
            .without_hosts(hosts)
            .with_known_methods(trace.known_methods.clone())
            .with_propagators(trace.propagator.clone());
        let logging = self.logging_system(Some(&pipeline))?;
        notices::log_on(&self, destination.name.as_deref(), store.as_deref(), &logging);
        let observers = self.observers(&logging);
        let allowed_hosts = self.allowed_hosts(&logging);
        let capture = capture.is_on().then(|| Arc::new(capture));
        let (options, privacy) = (self.exchange_options(), self.privacy);
        let running = Running {
            tracer,
            pipeline,
            observers,
            options,
            privacy,
            #[cfg(feature = "opentelemetry")]
            resource: self.resource,
            capture,
            #[cfg(feature = "logging")]
            logging,
        };
        Ok(Telemetry::new(Some(running), allowed_hosts))
    }

    /// Starts without a pipeline. Logging and hosts are as set, but no observer is notified.
    fn start_disabled(self) -> Result<Telemetry, TelemetryError> {
        let logging = self.logging_system(None)?;
        notices::log_off(&self, &logging);
        Ok(Telemetry::new(None, self.allowed_hosts(&logging)))
    }

    fn pipeline_options(&self) -> PipelineOptions {
        let mut options = PipelineOptions::default();
        options.limits = self.limits.clone();
        options.guard = thread_guard();
        options.processors = self.trace.processors.iter().map(CustomProcessor::boxed).collect();
        options.stats_interval = self.stats.interval;
        options.store = store::options(&self.store);
        options
    }

    fn exchange_options(&self) -> ExchangeOptions {
        ExchangeOptions {
            #[cfg(feature = "opentelemetry")]
            with_context: self.trace.opentelemetry_context,
            scheme: self.trace.scheme,
            of_response: ResponseOptions {
                streams_to_the_end: self.trace.event_streams_to_the_end,
                trace_response: self.trace.trace_response,
                body_sizes: self.trace.body_sizes,
                exceptions: self.exceptions(),
            },
        }
    }

    fn exceptions(&self) -> Exceptions {
        match (self.trace.exceptions, self.trace.client_error_exceptions) {
            (false, _) => Exceptions::None,
            (true, false) => Exceptions::ServerErrors,
            (true, true) => Exceptions::All,
        }
    }

    fn observers(&self, logging: &LoggingSystem) -> Observers {
        let has_server_log = self.trace.server_log.unwrap_or_else(|| self.is_debug(logging));
        #[cfg(feature = "logging")]
        let built_in: Vec<Box<dyn Observer>> = match logging {
            // The handlers of the logging system may emit events of `tracing` themselves.
            Some(logging) => logging::observers(logging, has_server_log),
            None => observers::events(&self.trace, has_server_log),
        };
        #[cfg(not(feature = "logging"))]
        let built_in: Vec<Box<dyn Observer>> = observers::events(&self.trace, has_server_log);
        built_in.into_iter().chain(observers::custom(&self.trace)).collect()
    }

    fn allowed_hosts(&self, logging: &LoggingSystem) -> AllowedHostsLayer {
        let hosts = AllowedHosts::new(&self.security.allowed_hosts).with_debug(self.is_debug(logging));
        AllowedHostsLayer::new(hosts).with_x_forwarded_host(self.security.use_x_forwarded_host)
    }

    fn is_debug(&self, logging: &LoggingSystem) -> bool {
        #[cfg(feature = "logging")]
        let is_debug = logging.as_ref().is_some_and(opencensus_logging::Logging::is_debug);
        #[cfg(not(feature = "logging"))]
        let is_debug = logging.is_some();
        self.debug.unwrap_or(is_debug)
    }

    #[cfg(feature = "logging")]
    fn logging_system(&self, pipeline: Option<&Pipeline>) -> Result<LoggingSystem, TelemetryError> {
        logging::set_up(self, pipeline)
    }

    #[cfg(not(feature = "logging"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the feature `logging` needs them")]
    fn logging_system(&self, _: Option<&Pipeline>) -> Result<LoggingSystem, TelemetryError> {
        Ok(None)
    }
}

/// Suppresses traces of the exporter's requests.
fn thread_guard() -> Option<ThreadGuard> {
    #[cfg(feature = "opentelemetry")]
    return Some(Box::new(|| Box::new(opencensus_opentelemetry::SuppressionGuard::enter())));
    #[cfg(not(feature = "opentelemetry"))]
    None
}
