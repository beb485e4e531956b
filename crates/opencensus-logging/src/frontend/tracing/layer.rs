//! A layer that turns events into records.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use tracing::span::{Attributes, Id, Record as SpanValues};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::database::sqlx;
use crate::error::LoggedError;
use crate::frontend::cache::{LoggerCache, TRACE, new_record};
use crate::frontend::tracing::event_fields::EventFields;
use crate::frontend::tracing::log_tracer::{LogTracerFields, is_of_log};
use crate::level::Level;
use crate::logging::Logging;
use crate::record::{Record, Source, SpanName, Trace};

/// A layer for a subscriber: events become records, with the fields of their spans. Other layers of the subscriber are
/// not affected.
///
/// # Examples
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// # let logging = opencensus_logging::Logging::builder().build();
/// let subscriber = tracing_subscriber::registry().with(opencensus_logging::frontend::tracing::layer(&logging));
/// tracing::subscriber::with_default(subscriber, || tracing::info!(chairs = 3, "hardly any chairs left"));
/// ```
pub fn layer<S>(logging: &Logging) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let loggers = Arc::new(LoggerCache::new(logging));
    // `tracing` caches which callsites are enabled.
    logging.system().add_change_hook(Arc::new(|_| tracing::callsite::rebuild_interest_cache()));
    TracingLayer { loggers: Arc::clone(&loggers) }.with_filter(TracingFilter { loggers })
}

pub(crate) fn install(logging: &Logging) -> bool {
    let subscriber = tracing_subscriber::registry().with(layer(logging));
    tracing::subscriber::set_global_default(subscriber).is_ok()
}

/// Turns events into records.
struct TracingLayer {
    loggers: Arc<LoggerCache>,
}

/// Passes events that a logger handles, and spans from INFO on, whose names and fields belong to the events.
struct TracingFilter {
    loggers: Arc<LoggerCache>,
}

impl TracingFilter {
    fn is_enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_context = metadata.is_span() && *metadata.level() <= tracing::Level::INFO;
        // The target of a `log` record is known only with the event.
        let level = level_of(*metadata.level());
        is_context
            || is_of_log(metadata)
            || self.loggers.get(metadata.target()).is_enabled_for(level)
            || sqlx::is_enabled(&self.loggers.logging, metadata.target(), level)
    }
}

fn level_of(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::ERROR,
        tracing::Level::WARN => Level::WARNING,
        tracing::Level::INFO => Level::INFO,
        tracing::Level::DEBUG => Level::DEBUG,
        tracing::Level::TRACE => TRACE,
    }
}

impl<S> Filter<S> for TracingFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Not `always`: `tracing::enabled!` leaves a decision behind in tracing-subscriber that the next event of the thread
        // takes for its own, unless `enabled` is called for that event.
        if self.is_enabled(metadata) { Interest::sometimes() } else { Interest::never() }
    }
}

/// Data of a span for the records within it.
#[derive(Debug, Default)]
struct SpanData {
    fields: Vec<(Cow<'static, str>, Value)>,
    // The trace of the request in which the span began. Other threads, such as those of a driver, do not know it.
    trace: Option<Trace>,
}

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = EventFields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            // A subscriber may have two of these layers.
            let trace = (self.loggers.logging.system().shared.current_trace)();
            span.extensions_mut().replace(SpanData { fields: fields.into_all(), trace });
        }
    }

    fn on_record(&self, id: &Id, values: &SpanValues<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = EventFields::default();
        values.record(&mut fields);
        if let Some(kept) = span.extensions_mut().get_mut::<SpanData>() {
            for (key, value) in fields.into_all() {
                kept.fields.retain(|(known, _)| *known != key);
                kept.fields.push((key, value));
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = EventFields::default();
        event.record(&mut fields);
        let of_log = if is_of_log(metadata) { LogTracerFields::take(&mut fields) } else { LogTracerFields::default() };
        let logger = self.loggers.get(of_log.target.as_deref().unwrap_or(metadata.target()));
        let level = level_of(*metadata.level());
        if sqlx::is_enabled(&self.loggers.logging, metadata.target(), level) {
            let field = |key: &str| fields.get(key);
            return sqlx::log(&self.loggers.logging, field, |record| {
                record.source = source(metadata);
                add_spans(record, event, &context);
            });
        }
        if !logger.is_enabled_for(level) {
            return;
        }
        let mut record = new_record(&logger, level, fields.message.take().unwrap_or_default());
        record.is_tracing_event = true;
        record.source = of_log.source.unwrap_or_else(|| source(metadata));
        add_spans(&mut record, event, &context);
        record.error = fields.error.take().map(LoggedError::captured);
        fields.fields.into_iter().for_each(|(key, value)| record.set_field(key, value));
        logger.handle(record);
    }
}

/// The place of an event.
fn source(metadata: &'static Metadata<'static>) -> Source {
    let module = metadata.module_path().map(Cow::Borrowed);
    Source::new(metadata.file().unwrap_or_default(), metadata.line().unwrap_or(0), module)
}

/// Adds names and fields of the spans around an event, and their trace if the record has none. Fields of inner spans
/// replace those of outer spans.
fn add_spans<S>(record: &mut Record, event: &Event<'_>, context: &Context<'_, S>)
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let Some(scope) = context.event_scope(event) else { return };
    let mut names: Vec<SpanName> = Vec::new();
    let mut trace = None;
    for span in scope.from_root() {
        names.push(Cow::Borrowed(span.name()));
        if let Some(kept) = span.extensions().get::<SpanData>() {
            kept.fields.iter().for_each(|(key, value)| record.set_field(key.clone(), value.clone()));
            trace = kept.trace.or(trace);
        }
    }
    record.trace = record.trace.or(trace);
    record.spans = names.into();
}
