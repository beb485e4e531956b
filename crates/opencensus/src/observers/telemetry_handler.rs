//! Sends log records as telemetry.

use std::sync::Arc;

use opencensus_core::pipeline::THREAD_NAME;
use opencensus_core::{
    Attribute, Current, ExceptionCause, ExceptionRecord, MessageRecord, Origin, Pipeline, SamplingRate, Severity,
    SpanId, TelemetryItem, TraceContext, TraceFlags, TraceId, Value, WeakPipeline, current,
};
use opencensus_logging::config::{Arguments, Checked};
use opencensus_logging::formatters::message_or_unfilled;
use opencensus_logging::handlers::{Handler, HandlerError, NullHandler};
use opencensus_logging::{Level, LoggedError, Logging, Record, Trace};

/// A handler that sends records as telemetry: to Application Insights' `traces`, and records with an error to
/// `exceptions`, each under the request in which it was logged. The middleware's own record of a failed response is a
/// message if the middleware has sent its error as an exception
/// ([`TraceSettings::exceptions`](crate::settings::TraceSettings::exceptions)).
///
/// Records of requests that are not kept are dropped, unless their level is high enough
/// ([`with_always_from`](Self::with_always_from)). Records outside of requests are always sent. Records of the threads
/// that export telemetry, which are named `opencensus`, never are, and neither are events of `tracing` that the layer of
/// the feature `tracing` sends to the same pipeline.
///
/// In a configuration its class is `application_insights`, or that of OpenCensus for Python,
/// `opencensus.ext.azure.log_exporter.AzureLogHandler`; both take `always_from` and `client_error_exceptions`. The classes exist once settings with
/// [`with_logging`](crate::Settings::with_logging) have started.
///
/// # Examples
///
/// ```
/// use opencensus::Telemetry;
/// use opencensus::logging::{Level, Logging};
/// use opencensus::observers::TelemetryHandler;
/// use std::time::Duration;
///
/// let (telemetry, exporter) = Telemetry::in_memory();
/// let logging = Logging::builder().build();
/// if let Some(pipeline) = telemetry.pipeline() {
///     let handler = TelemetryHandler::new(pipeline).with_always_from(Level::ERROR);
///     logging.add_handler("shop", "insights", Level::WARNING, handler);
/// }
/// logging.get_logger("shop").error("out of stock");
/// telemetry.flush(Duration::from_secs(1)).wait();
/// assert_eq!(exporter.items().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct TelemetryHandler {
    // The logging system may live longer than the pipeline.
    pipeline: WeakPipeline,
    always_from: Option<Level>,
    client_error_exceptions: bool,
}

/// The names of the class here and in OpenCensus for Python.
const CLASSES: [&str; 2] = ["application_insights", "opencensus.ext.azure.log_exporter.AzureLogHandler"];

/// Arguments of OpenCensus for Python that the settings of the pipeline replace.
const REPLACED: [&str; 13] = [
    "connection_string",
    "instrumentation_key",
    "export_interval",
    "logging_sampling_rate",
    "enable_local_storage",
    "storage_path",
    "storage_max_size",
    "storage_retention_period",
    "storage_maintenance_period",
    "minimum_retry_interval",
    "max_batch_size",
    "queue_capacity",
    "timeout",
];

impl TelemetryHandler {
    /// Sends records to this pipeline.
    #[must_use]
    pub fn new(pipeline: &Pipeline) -> Self {
        Self::to(pipeline.downgrade())
    }

    fn to(pipeline: WeakPipeline) -> Self {
        Self { pipeline, always_from: None, client_error_exceptions: false }
    }

    /// Sends records of this level and above even if their request is not kept. Default: none.
    #[must_use]
    pub fn with_always_from(mut self, level: Level) -> Self {
        self.always_from = Some(level);
        self
    }

    /// Sends the error of a response with a status below 500 as an exception, too. Default: the middleware's record of
    /// the response has it as the properties `error.type` and `error.message`.
    #[must_use]
    pub fn with_client_error_exceptions(mut self, enabled: bool) -> Self {
        self.client_error_exceptions = enabled;
        self
    }

    /// Registers the classes. Without a pipeline, records are dropped.
    pub(crate) fn register(logging: &Logging, pipeline: Option<&Pipeline>) {
        for class in CLASSES {
            let pipeline = pipeline.map(Pipeline::downgrade);
            logging.add_handler_class(class, move |arguments| Self::from_arguments(arguments, pipeline.clone()));
        }
    }

    fn from_arguments(arguments: &mut Arguments<'_>, pipeline: Option<WeakPipeline>) -> Checked<Box<dyn Handler>> {
        // Only the thread that logs has the current request. The pipeline has its own queue.
        arguments.set_foreground();
        let always_from = arguments.level("always_from")?;
        let client_error_exceptions = arguments.flag("client_error_exceptions")?.unwrap_or(false);
        for key in REPLACED {
            arguments.value(key);
        }
        Ok(match pipeline {
            Some(pipeline) => Box::new(Self { always_from, client_error_exceptions, ..Self::to(pipeline) }),
            None => Box::new(NullHandler),
        })
    }

    /// Whether the record is an event of `tracing` that the layer of the same pipeline sends.
    #[cfg(feature = "tracing")]
    fn is_sent_by_layer(&self, record: &Record) -> bool {
        let level = match record.level {
            level if level >= Level::ERROR => tracing::Level::ERROR,
            level if level >= Level::WARNING => tracing::Level::WARN,
            level if level >= Level::INFO => tracing::Level::INFO,
            level if level >= Level::DEBUG => tracing::Level::DEBUG,
            _ => tracing::Level::TRACE,
        };
        record.is_tracing_event && crate::tracing::takes_event(&self.pipeline, &record.logger, level)
    }

    #[cfg(not(feature = "tracing"))]
    fn is_sent_by_layer(&self, _: &Record) -> bool {
        false
    }

    fn item(&self, record: &Record) -> Option<TelemetryItem> {
        let mut origin = Origin::at(record.created);
        origin.context = record.trace.map(context);
        let text = message_or_unfilled(record).into_owned();
        let mut attributes = attributes(record);
        let is_exception =
            |error: &&LoggedError| !error.is_exported() && (self.client_error_exceptions || !is_client_error(record));
        let error = record.error.as_ref().filter(is_exception);
        let Some(error) = error else {
            if let Some(cause) = record.error.iter().flat_map(LoggedError::chain).next() {
                attributes.extend(cause.type_name.map(|type_name| Attribute::new("error.type", type_name)));
                attributes.push(Attribute::new("error.message", cause.message));
            }
            let mut item = MessageRecord::new(origin, text);
            (item.severity, item.attributes) = (Some(severity(record.level)), attributes);
            return Some(item.into());
        };
        let mut chain = error.chain().into_iter();
        let first = chain.next()?;
        if text != first.message {
            attributes.push(Attribute::new("log.message", text));
        }
        let mut item = ExceptionRecord::new(origin);
        item.type_name = first.type_name;
        item.message = Some(first.message.into());
        chain.for_each(|link| item.add_cause(ExceptionCause::new(link.type_name, link.message)));
        item.stack = error.backtrace().map(|stack| stack.to_owned().into());
        (item.severity, item.attributes) = (Some(severity(record.level)), attributes);
        Some(item.into())
    }
}

impl Handler for TelemetryHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        // Lines about telemetry itself, made on a thread of a pipeline: each export could cause the next one.
        if record.thread.name == THREAD_NAME || self.is_sent_by_layer(record) {
            return Ok(());
        }
        let is_always_sent = self.always_from.is_some_and(|level| record.level >= level);
        let request = record.trace.and_then(request).filter(|_| !is_always_sent);
        match (record.trace, request) {
            (_, Some(request)) => request.submit_with(|| self.item(record)),
            (Some(trace), None) if !trace.sampled && !is_always_sent => {}
            (trace, None) => {
                // A record that is always sent represents only itself. The rate of a request elsewhere is unknown.
                let rate = Some(SamplingRate::ALL).filter(|_| is_always_sent || trace.is_none());
                if let Some(mut item) = self.item(record) {
                    if let Some(origin) = item.origin_mut() {
                        origin.rate = rate;
                    }
                    self.pipeline.submit(item);
                }
            }
        }
        Ok(())
    }
}

/// The request that this thread is handling, if the record was logged in it.
fn request(trace: Trace) -> Option<Current> {
    current::get().filter(|request| request.context().trace_id() == TraceId::from_bytes(trace.trace_id))
}

fn context(trace: Trace) -> TraceContext {
    let flags = if trace.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    TraceContext::new(TraceId::from_bytes(trace.trace_id), SpanId::from_bytes(trace.span_id), flags)
}

fn severity(level: Level) -> Severity {
    match level {
        level if level >= Level::CRITICAL => Severity::Critical,
        level if level >= Level::ERROR => Severity::Error,
        level if level >= Level::WARNING => Severity::Warning,
        level if level >= Level::INFO => Severity::Information,
        _ => Severity::Verbose,
    }
}

/// The record's fields, its logger and its place in the source. The middleware's own field `request` is left out: the
/// request is an item, too.
fn attributes(record: &Record) -> Vec<Attribute> {
    let fields = record.fields().iter().filter(|(key, value)| !is_of_middleware(record, key, value));
    let mut attributes: Vec<_> = fields.map(|(key, field)| Attribute::new(key.clone(), value(field))).collect();
    attributes.push(Attribute::new("logger", record.logger.to_string()));
    // The place of the middleware's own records is a route, which the request's item has.
    if !record.source.path.is_empty() && !is_of_response(record) {
        attributes.push(Attribute::new("code.file.path", record.source.path.clone().into_owned()));
        if record.source.line > 0 {
            attributes.push(Attribute::new("code.line.number", i64::from(record.source.line)));
        }
    }
    attributes
}

/// Whether this is the middleware's record of a response with a status below 500.
fn is_client_error(record: &Record) -> bool {
    let is_below_500 =
        record.field("status_code").and_then(serde_json::Value::as_u64).is_some_and(|status| status < 500);
    is_below_500 && record.level < Level::ERROR && is_of_response(record)
}

/// Whether this is the middleware's record of a response.
fn is_of_response(record: &Record) -> bool {
    record.field("request").is_some_and(|value| is_of_middleware(record, "request", value))
}

/// Whether the middleware set the field, with the method and the path of the request that the record is about.
fn is_of_middleware(record: &Record, key: &str, value: &serde_json::Value) -> bool {
    let has_request = || value.get("method").is_some() && value.get("path").is_some();
    key == "request" && record.logger.starts_with("opencensus.") && has_request()
}

fn value(field: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match field {
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Json::String(text) => text.clone().into(),
        Json::Array(values) => Value::List(values.iter().map(value).collect()),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_middlewares_own_field_request_is_left_out() {
        let whole = serde_json::json!({ "method": "GET", "path": "/" });
        for (logger, field, is_kept) in [
            ("opencensus.request", whole.clone(), false),
            ("opencensus.server", whole.clone(), false),
            ("opencensus.request", "r-7".into(), true),
            ("shop.cart", whole, true),
        ] {
            let mut record = Record::new(logger.into(), Level::INFO, "a chair");
            record.set_field("request", field.clone());
            let is_sent = attributes(&record).iter().any(|attribute| attribute.key == "request");
            assert_eq!(is_sent, is_kept, "{logger} {field}");
        }
    }
}
