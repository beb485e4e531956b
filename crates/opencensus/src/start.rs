//! How settings become a running configuration.

use std::sync::Arc;

use opencensus_core::pipeline::{PipelineOptions, ThreadGuard};
use opencensus_core::{ConsoleExporter, Exporter, Observer, PathFilter, Pipeline, Tee, Tracer, TrustedProxies};

use crate::middleware::exchange::ScopeOptions;
use crate::middleware::header_capture::Capture;
use crate::observers::Events;
use crate::security::{AllowedHosts, AllowedHostsLayer};
use crate::settings::{CustomProcessor, ExporterSetting, Settings, default_service_name};
use crate::telemetry::{Observers, Running, Telemetry, TelemetryError};

impl Settings {
    /// Starts to send to the connection string's endpoint. All that can fail fails here.
    ///
    /// # Errors
    ///
    /// Nothing says where telemetry goes, an entry of the blacklist makes no sense, or the exporter
    /// cannot start.
    pub fn start(self) -> Result<Telemetry, TelemetryError> {
        if self.disabled {
            return self.start_disabled();
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
    pub fn start_with_additional(self, exporter: impl Exporter) -> Result<(Telemetry, Pipeline), TelemetryError> {
        let other = Pipeline::start(Box::new(exporter), self.limits.clone(), thread_guard())?;
        if self.disabled {
            return Ok((self.start_disabled()?, other));
        }
        let named = self.named();
        let (exporter, destination) = named.exporter()?;
        let config = named.run(Box::new(Tee::new(exporter, other.clone())), &destination)?;
        Ok((config, other))
    }

    /// Starts with an exporter of one's own instead, which knows by itself where telemetry goes and in
    /// whose name: `exporter`, `connection_string`, `resource` and the other settings of an exporter are
    /// not looked at.
    ///
    /// # Errors
    ///
    /// An entry of the blacklist makes no sense, or the exporter cannot start.
    pub fn start_with(self, exporter: impl Exporter) -> Result<Telemetry, TelemetryError> {
        if self.disabled {
            return self.start_disabled();
        }
        self.run(Box::new(exporter), "custom")
    }

    /// With a name for the service, whoever gave none.
    fn named(mut self) -> Self {
        #[cfg(feature = "azure")]
        self.detect_resource(|name| std::env::var(name).ok());
        if self.resource.get("service.name").is_none() {
            self.resource.set("service.name", default_service_name());
        }
        self
    }

    /// What Azure's variables say, where nothing else does.
    #[cfg(feature = "azure")]
    fn detect_resource(&mut self, environment: impl Fn(&str) -> Option<String>) {
        for (key, value) in opencensus_azure::detect_resource(environment).iter() {
            if self.resource.get(key).is_none() {
                self.resource.set(key, value);
            }
        }
    }

    /// The exporter, and what it is called.
    fn exporter(&self) -> Result<(Box<dyn Exporter>, String), TelemetryError> {
        match self.exporter {
            ExporterSetting::Azure => self.azure_exporter(),
            ExporterSetting::Console => Ok((Box::new(ConsoleExporter), "console".to_owned())),
        }
    }

    #[cfg(feature = "azure")]
    fn azure_exporter(&self) -> Result<(Box<dyn Exporter>, String), TelemetryError> {
        let connection = self.connection_string.as_ref().ok_or(TelemetryError::NoDestination)?;
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
    fn azure_exporter(&self) -> Result<(Box<dyn Exporter>, String), TelemetryError> {
        Err(TelemetryError::NoDestination)
    }

    fn run(
        #[cfg_attr(not(feature = "logging"), expect(unused_mut))] mut self,
        exporter: Box<dyn Exporter>,
        destination: &str,
    ) -> Result<Telemetry, TelemetryError> {
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
        options.stats_interval = self.stats_interval;
        let pipeline = Pipeline::start_with(exporter, options)?;
        let tracer = Tracer::new(filter, sampler, parents, &pipeline)
            .with_tail_sampling(tail)
            .with_privacy(self.privacy)
            .with_trusted_proxies(proxies)
            .with_propagators(self.propagators.clone());
        #[cfg(feature = "logging")]
        self.set_up_logging(Some(&pipeline))?;
        self.tell(destination);
        let options = ScopeOptions {
            #[cfg(feature = "opentelemetry")]
            with_context: !self.without_opentelemetry_context,
            streams_to_the_end: self.event_streams_to_the_end,
            trace_response: self.trace_response,
            body_sizes: self.body_sizes,
        };
        let capture = capture.is_on().then(|| Arc::new(capture));
        let (observers, privacy) = (self.observers(), self.privacy);
        let running = Running { tracer, pipeline, hosts, observers, options, privacy, capture };
        Ok(Telemetry::new(Some(running), self.allowed_hosts()))
    }

    /// Without telemetry. Loggers and hosts are as the settings say, but nobody hears of answers.
    fn start_disabled(
        #[cfg_attr(not(feature = "logging"), expect(unused_mut))] mut self,
    ) -> Result<Telemetry, TelemetryError> {
        #[cfg(feature = "logging")]
        self.set_up_logging(None)?;
        Ok(Telemetry::new(None, self.allowed_hosts()))
    }

    /// The logging system that is told of answers. Its configurations may name what leads to this pipeline.
    #[cfg(feature = "logging")]
    fn set_up_logging(&mut self, pipeline: Option<&Pipeline>) -> Result<(), TelemetryError> {
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
    return Some(Box::new(|| Box::new(opencensus_opentelemetry::SuppressionGuard::enter())));
    #[cfg(not(feature = "opentelemetry"))]
    None
}

#[cfg(feature = "azure")]
fn extra_roots(file: &std::path::Path) -> Result<opencensus_azure::ExtraRoots, TelemetryError> {
    let fault = |reason| TelemetryError::ExtraRoots { file: file.to_owned(), reason };
    let pem = std::fs::read(file).map_err(|error| fault(error.to_string()))?;
    opencensus_azure::ExtraRoots::from_pem(&pem).map_err(|error| fault(error.to_string()))
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
        unnamed.detect_resource(variables);
        assert_eq!(unnamed.resource.role().as_deref(), Some("site"));
        let mut named = Settings::default().with_service_name("shop");
        named.detect_resource(variables);
        assert_eq!((named.resource.role().as_deref(), named.resource.role_instance()), (Some("shop"), Some("4f1")));
    }
}
