//! OpenTelemetry's SDK, with its batch processor and an exporter that discards spans.

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::recorded::{Purpose, Recorded};
use crate::share::Share;

#[derive(Debug)]
struct DiscardSpans(Option<Recorded>);

impl SpanExporter for DiscardSpans {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        if let Some(recorded) = &self.0 {
            spans.iter().for_each(|span| recorded.add(u128::from_be_bytes(span.span_context.trace_id().to_bytes())));
        }
        Ok(())
    }
}

/// Sets the global provider and propagator. The provider's worker sleeps until it is flushed, and nothing is lost
/// until then.
pub(crate) fn provider(share: Share, purpose: &Purpose) -> SdkTracerProvider {
    const MANY: usize = 1 << 16;
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(MANY)
        .with_max_export_batch_size(MANY)
        .with_scheduled_delay(Duration::from_secs(3600));
    let exporter = DiscardSpans(purpose.recorded());
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(config.build()).build();
    let provider =
        SdkTracerProvider::builder().with_sampler(share.of_opentelemetry()).with_span_processor(processor).build();
    opentelemetry::global::set_tracer_provider(provider.clone());
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    provider
}

/// Passes the spans of `tracing` to the provider's tracer, with the layer's default settings.
pub(crate) fn subscribe(provider: &SdkTracerProvider) {
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    tracing_subscriber::registry().with(layer).init();
}

/// Empties the queue.
pub(crate) fn flush(provider: &SdkTracerProvider) {
    provider.force_flush().expect("it flushes");
}
