//! Events of the `tracing` crate.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record as SpanValues};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::database::sqlx;
use crate::error::LoggedError;
use crate::frontend::cache::{LoggerCache, TRACE, new_record};
use crate::level::Level;
use crate::logging::Logging;
use crate::record::{Record, Source, SpanName, Trace};

/// A layer for a subscriber of one's own: events become records, with the fields of their spans. Parts of the
/// subscriber beside it see what they saw before.
///
/// # Examples
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// # let logging = opencensus_logging::Logging::builder().build();
/// let subscriber = tracing_subscriber::registry().with(opencensus_logging::frontend::layer(&logging));
/// tracing::subscriber::with_default(subscriber, || tracing::info!(chairs = 3, "hardly any chairs left"));
/// ```
pub fn layer<S>(logging: &Logging) -> Filtered<TracingLayer, TracingFilter, S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let loggers = Arc::new(LoggerCache::new(logging));
    // What is wanted changes with the configuration.
    logging.system().add_hook(Arc::new(|_| tracing::callsite::rebuild_interest_cache()));
    TracingLayer { loggers: Arc::clone(&loggers) }.with_filter(TracingFilter { loggers })
}

pub(super) fn install(logging: &Logging) -> bool {
    let subscriber = tracing_subscriber::registry().with(layer(logging));
    tracing::subscriber::set_global_default(subscriber).is_ok()
}

/// Turns events into records.
pub struct TracingLayer {
    loggers: Arc<LoggerCache>,
}

/// Lets events pass that a logger wants, and spans from INFO on, whose fields and names belong to them.
pub struct TracingFilter {
    loggers: Arc<LoggerCache>,
}

impl TracingFilter {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let is_context = metadata.is_span() && *metadata.level() <= tracing::Level::INFO;
        // The target that `log` gave is not known before the event is.
        let level = level_of(*metadata.level());
        is_context
            || is_of_log(metadata)
            || self.loggers.get(metadata.target()).is_enabled_for(level)
            || sqlx::wants(&self.loggers.logging, metadata.target(), level)
    }
}

/// `LogTracer` has one callsite a level for all targets.
fn is_of_log(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "log" && metadata.fields().field("log.target").is_some()
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
        self.wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }
}

/// What is kept of a span.
#[derive(Debug, Default)]
struct Kept {
    fields: Vec<(Cow<'static, str>, Value)>,
    // Of the request that it began in. It may be entered on threads that know nothing of requests, such as a driver's.
    trace: Option<Trace>,
}

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            // There may be two layers of ours.
            let trace = (self.loggers.logging.system().shared.trace)();
            span.extensions_mut().replace(Kept { fields: fields.all(), trace });
        }
    }

    fn on_record(&self, id: &Id, values: &SpanValues<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(kept) = span.extensions_mut().get_mut::<Kept>() {
            for (key, value) in fields.all() {
                kept.fields.retain(|(known, _)| *known != key);
                kept.fields.push((key, value));
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let of_log = if is_of_log(metadata) { OfLog::taken_from(&mut fields) } else { OfLog::default() };
        let logger = self.loggers.get(of_log.target.as_deref().unwrap_or(metadata.target()));
        let level = level_of(*metadata.level());
        if sqlx::wants(&self.loggers.logging, metadata.target(), level) {
            let field = |wanted: &str| {
                let found = fields.fields.iter().find(|(key, _)| key == wanted);
                found.map(|(_, value)| value.clone())
            };
            return sqlx::tell(&self.loggers.logging, field, |record| add_spans(record, event, &context));
        }
        if !logger.is_enabled_for(level) {
            return;
        }
        let mut record = new_record(&logger, level, fields.message.take().unwrap_or_default());
        record.source = of_log.source.unwrap_or_else(|| {
            let module = metadata.module_path().map(Cow::Borrowed);
            Source::new(metadata.file().unwrap_or_default(), metadata.line().unwrap_or(0), module)
        });
        add_spans(&mut record, event, &context);
        record.error = fields.error.take().map(LoggedError::of_told);
        fields.fields.into_iter().for_each(|(key, value)| record.set_field(key, value));
        logger.handle(record);
    }
}

/// Names and fields of the spans around an event, and their trace if nothing else is known of it. Inner fields stand
/// before outer ones of the same name.
fn add_spans<S>(record: &mut Record, event: &Event<'_>, context: &Context<'_, S>)
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let Some(scope) = context.event_scope(event) else { return };
    let mut names: Vec<SpanName> = Vec::new();
    let mut trace = None;
    for span in scope.from_root() {
        names.push(Cow::Borrowed(span.name()));
        if let Some(kept) = span.extensions().get::<Kept>() {
            kept.fields.iter().for_each(|(key, value)| record.set_field(key.clone(), value.clone()));
            trace = kept.trace.or(trace);
        }
    }
    record.trace = record.trace.or(trace);
    record.spans = names.into();
}

/// What `LogTracer` writes into fields.
#[derive(Default)]
struct OfLog {
    target: Option<String>,
    source: Option<Source>,
}

impl OfLog {
    fn taken_from(fields: &mut Fields) -> Self {
        let mut take = |wanted: &str| {
            let at = fields.fields.iter().position(|(key, _)| *key == wanted)?;
            Some(fields.fields.swap_remove(at).1)
        };
        let mut text = |wanted| take(wanted).and_then(|value| value.as_str().map(str::to_owned));
        let (target, module, file) = (text("log.target"), text("log.module_path"), text("log.file"));
        let line = take("log.line").and_then(|line| line.as_u64()).and_then(|line| u32::try_from(line).ok());
        let source = Source::new(file.unwrap_or_default(), line.unwrap_or(0), module.map(Cow::Owned));
        Self { target, source: Some(source) }
    }
}

/// What an event or a span says.
#[derive(Default)]
struct Fields {
    message: Option<String>,
    error: Option<ToldError>,
    fields: Vec<(Cow<'static, str>, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        if field.name() == "message" {
            let value = value.into();
            self.message = Some(crate::formatters::text_of(&value).into_owned());
        } else {
            self.fields.push((Cow::Borrowed(field.name()), value.into()));
        }
    }

    /// A span has no message and no error.
    fn all(mut self) -> Vec<(Cow<'static, str>, Value)> {
        if let Some(message) = self.message {
            self.fields.push(("message".into(), message.into()));
        }
        if let Some(error) = self.error {
            self.fields.push(("error".into(), error.to_string().into()));
        }
        self.fields
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        match self.error {
            None => self.error = Some(ToldError::of(error)),
            Some(_) => self.add(field, error.to_string()),
        }
    }
}

/// What an error said that could not be kept: its words, and those of its causes.
struct ToldError {
    message: String,
    debug: String,
    cause: Option<Box<ToldError>>,
}

impl ToldError {
    fn of(error: &(dyn Error + 'static)) -> Self {
        let cause = error.source().map(|cause| Box::new(Self::of(cause)));
        Self { message: error.to_string(), debug: format!("{error:?}"), cause }
    }
}

impl fmt::Display for ToldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ToldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug)
    }
}

impl Error for ToldError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl LoggedError {
    /// Its type's name is what it showed, not this crate's.
    fn of_told(error: ToldError) -> Self {
        Self::erased(Arc::new(error) as Arc<dyn Error + Send + Sync>)
    }
}
