//! The layer for a subscriber.

use std::sync::Arc;

use opencensus_core::Pipeline;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use crate::Telemetry;
use crate::tracing::options::Options;
use crate::tracing::pipeline_layer::PipelineLayer;

/// A layer for a subscriber with the default [`Options`]: events from INFO on become messages and exceptions, and spans
/// from INFO on become dependencies, each below its request. Other layers of the subscriber are not affected.
///
/// # Examples
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let (telemetry, exporter) = opencensus::Telemetry::in_memory();
/// let subscriber = tracing_subscriber::registry().with(opencensus::tracing::layer(&telemetry));
/// tracing::subscriber::with_default(subscriber, || tracing::warn!(chairs = 3, "hardly any chairs left"));
/// telemetry.flush(std::time::Duration::from_secs(1)).wait();
/// assert_eq!(exporter.messages()[0].message, "hardly any chairs left");
/// ```
pub fn layer<S>(telemetry: &Telemetry) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    Options::default().layer(telemetry)
}

impl Options {
    /// A layer with these options. The layer does not keep the telemetry running.
    pub fn layer<S>(self, telemetry: &Telemetry) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let options = Arc::new(self);
        let pipeline = telemetry.pipeline().map(Pipeline::downgrade);
        let selection = Selection { options: pipeline.is_some().then(|| Arc::clone(&options)) };
        PipelineLayer::new(pipeline, options).with_filter(selection)
    }
}

/// The events and spans that the layer receives. `None`: telemetry is disabled.
struct Selection {
    options: Option<Arc<Options>>,
}

impl Selection {
    fn is_enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.options.as_ref().is_some_and(|options| options.is_enabled(metadata))
    }
}

impl<S> Filter<S> for Selection {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Not `always`: `tracing::enabled!`, which the middleware calls, leaves a decision behind in tracing-subscriber that
        // the next event of the thread takes for its own, unless `enabled` is called for that event.
        if self.is_enabled(metadata) { Interest::sometimes() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.options.as_ref().map_or(LevelFilter::OFF, |options| options.max_level()))
    }
}
