//! Setters of the settings that programs usually set in code. All other settings are public fields only.

use std::time::Duration;

#[cfg(feature = "azure")]
use opencensus_azure::ConnectionString;
use opencensus_core::TelemetryItem;

use crate::settings::custom_processor::CustomProcessor;
use crate::settings::exporter_setting::ExporterSetting;
use crate::settings::model::Settings;
use crate::settings::sampling::{KeepFailures, RateRule, SamplerSetting};

impl Settings {
    /// Sends telemetry to this Application Insights resource.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn with_connection_string(mut self, connection_string: ConnectionString) -> Self {
        self.azure.connection_string = Some(connection_string);
        self
    }

    /// Sets the resource attribute `service.name`.
    #[must_use]
    pub fn with_service_name(mut self, name: impl Into<String>) -> Self {
        self.resource.set("service.name", name);
        self
    }

    /// Keeps the traces that this sampler keeps.
    #[must_use]
    pub fn with_sampler(mut self, sampler: SamplerSetting) -> Self {
        self.trace.sampler = sampler;
        self
    }

    /// Does not record requests that match these entries, in the grammar of
    /// [`path_filter`](opencensus_core::path_filter). Replaces the entries that are set.
    #[doc(alias = "with_exclude_paths")]
    #[must_use]
    pub fn with_blacklist_paths<S: Into<String>>(mut self, entries: impl IntoIterator<Item = S>) -> Self {
        self.trace.blacklist_paths = entries.into_iter().map(Into::into).collect();
        self
    }

    /// Samples requests by path and route; the first rule that matches applies. Replaces the rules that are set.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus::sampling::{RateRule, SamplingRate};
    /// use opencensus::Settings;
    ///
    /// let settings = Settings::default().with_rates([
    ///     RateRule::route("POST /orders", SamplingRate::ALL),
    ///     RateRule::path("/static", SamplingRate::try_from(0.01)?),
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_rates(mut self, rules: impl IntoIterator<Item = RateRule>) -> Self {
        self.trace.rates = rules.into_iter().collect();
        self
    }

    /// Keeps these failed requests, whatever the rate.
    #[must_use]
    pub fn with_keep_failures(mut self, failures: KeepFailures) -> Self {
        self.trace.keep_failures = failures;
        self
    }

    /// Keeps requests that take at least this long, whatever the rate.
    #[must_use]
    pub fn with_keep_slower_than(mut self, duration: Duration) -> Self {
        self.trace.keep_slower_than = Some(duration);
        self
    }

    /// Trusts the forwarding headers of these proxies: addresses, and networks such as `10.0.0.0/8`. Replaces the
    /// proxies that are set.
    #[must_use]
    pub fn with_trusted_proxies<S: Into<String>>(mut self, proxies: impl IntoIterator<Item = S>) -> Self {
        self.trace.trusted_proxies = proxies.into_iter().map(Into::into).collect();
        self
    }

    /// For internet-facing services: ignores the parent's sampling decision.
    #[must_use]
    pub fn with_edge(mut self, edge: bool) -> Self {
        self.trace.edge = edge;
        self
    }

    /// Adds a function that is called with every item before it is exported. It may change the item, or drop it by returning
    /// `false`. It runs on the exporter's thread; if it panics, the item is kept and the panic is counted.
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
        self.trace.processors.push(CustomProcessor::new(processor));
        self
    }

    /// Sends telemetry with this built-in exporter.
    #[must_use]
    pub fn with_exporter(mut self, exporter: ExporterSetting) -> Self {
        self.trace.exporter = exporter;
        self
    }

    /// Sets whether telemetry that cannot be sent is kept on disk: see
    /// [`StoreSettings`](crate::settings::StoreSettings). Default: true.
    #[must_use]
    pub fn with_store(mut self, enabled: bool) -> Self {
        self.store.enabled = enabled;
        self
    }

    /// Records responses with the loggers of this system, instead of events of `tracing`: see
    /// [`LoggingSettings::system`](crate::settings::LoggingSettings::system).
    #[cfg(feature = "logging")]
    #[must_use]
    pub fn with_logging(mut self, logging: &opencensus_logging::Logging) -> Self {
        self.logging.system = Some(logging.clone());
        self
    }
}
