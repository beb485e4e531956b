//! OpenTelemetry: spans and log records of its SDK through the telemetry's pipeline, and its exporters and samplers.
//!
//! [`tracer_provider`] is all that a program needs whose libraries record spans with OpenTelemetry, or with `tracing` through
//! the crate tracing-opentelemetry. Each span below a request has its parent, the operation's name, the role, and the
//! decision and the rate of the request.

use std::fmt;
use std::sync::Weak;

use opencensus_core::{AlwaysOff, Candidate, Decision, Sampler, SamplingRate};

pub use opencensus_opentelemetry::*;

use crate::telemetry::{Running, Telemetry};

/// Creates a tracer provider of OpenTelemetry's SDK whose spans go through the pipeline of this telemetry.
///
/// A span below a request follows it: [`PipelineSpanProcessor`] has the details. A span without a parent is sampled as the
/// settings' sampler decides by its trace id; rates of paths and routes do not apply. A span with any other parent is sampled
/// if its parent is. The provider has the resource of the settings.
///
/// Requests are OpenTelemetry's current context unless
/// [`opentelemetry_context`](crate::settings::TraceSettings::opentelemetry_context) is off; then no span is below a request.
///
/// A span below a kept request costs what the SDK takes to record it, two accesses to a map, and its conversion on the
/// thread that ends it. A span below a request that is not kept costs the SDK's work for spans that are not recorded. No
/// thread is started.
///
/// The provider does not keep the telemetry running, and records nothing after its end. Call [`Telemetry::shutdown`], which
/// sends the spans, too. If the telemetry is disabled, the provider records nothing.
///
/// # Examples
///
/// ```
/// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
///
/// let (telemetry, exporter) = opencensus::Telemetry::in_memory();
/// let provider = opencensus::opentelemetry::tracer_provider(&telemetry);
/// opentelemetry::global::set_tracer_provider(provider.clone());
/// provider.tracer("shop").in_span("reserve", |_| {});
/// telemetry.flush(std::time::Duration::from_secs(1)).wait();
/// assert_eq!(exporter.spans()[0].name, "reserve");
/// ```
#[must_use]
pub fn tracer_provider(telemetry: &Telemetry) -> SdkTracerProvider {
    match telemetry.running() {
        Some(running) => {
            let roots = RootSampler { telemetry: std::sync::Arc::downgrade(running) };
            opencensus_opentelemetry::tracer_provider(&running.pipeline, roots, &running.resource)
        }
        None => SdkTracerProvider::builder().with_sampler(RequestSampler::new(AlwaysOff)).build(),
    }
}

/// Creates a logger provider of OpenTelemetry's SDK whose records go through the pipeline of this telemetry.
///
/// A record below a request follows it: [`PipelineLogProcessor`] has the details. Together with [`tracer_provider`], a line of
/// the crate `tracing` is one item, whether tracing-opentelemetry, opentelemetry-appender-tracing or both receive it.
///
/// The provider does not keep the telemetry running. Call [`Telemetry::shutdown`], which sends the records, too. If the
/// telemetry is disabled, the provider drops them.
///
/// # Examples
///
/// ```
/// use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
///
/// let (telemetry, exporter) = opencensus::Telemetry::in_memory();
/// let provider = opencensus::opentelemetry::logger_provider(&telemetry);
/// let logger = provider.logger("shop");
/// let mut record = logger.create_log_record();
/// record.set_body("out of stock".into());
/// logger.emit(record);
/// telemetry.flush(std::time::Duration::from_secs(1)).wait();
/// assert_eq!(exporter.messages()[0].message, "out of stock");
/// ```
#[cfg(feature = "logs")]
#[must_use]
pub fn logger_provider(telemetry: &Telemetry) -> SdkLoggerProvider {
    match telemetry.running() {
        Some(running) => opencensus_opentelemetry::logger_provider(&running.pipeline, &running.resource),
        None => SdkLoggerProvider::builder().build(),
    }
}

/// The sampler of the settings, as long as the telemetry runs.
struct RootSampler {
    telemetry: Weak<Running>,
}

impl Sampler for RootSampler {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        let ended = || Decision::new(false, SamplingRate::NONE);
        self.telemetry.upgrade().map_or_else(ended, |running| running.tracer.sampler().decide(candidate))
    }
}

impl fmt::Debug for RootSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootSampler").finish_non_exhaustive()
    }
}
