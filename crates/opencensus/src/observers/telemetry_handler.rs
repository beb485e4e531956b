//! Records as telemetry.

use std::sync::Arc;
use std::time::SystemTime;

use opencensus_core::{
    Attribute, Current, ExceptionRecord, MessageRecord, Origin, Pipeline, SamplingRate, Severity, SpanId,
    TelemetryItem, TraceContext, TraceFlags, TraceId, Value, WeakPipeline, current,
};
use opencensus_logging::config::{Arguments, Checked};
use opencensus_logging::formatters::message;
use opencensus_logging::handlers::{Handler, HandlerError, NullHandler};
use opencensus_logging::{Level, Logging, Record};

/// A handler whose records go the way of requests: to Application Insights as `traces`, and with an error as
/// `exceptions`, each below the request that it was said in.
///
/// A record of a request that is not kept goes nowhere, unless it is grave enough
/// ([`with_always_from`](Self::with_always_from)). Outside of requests every record goes.
///
/// In a configuration it is the class `application_insights`, or the predecessor's
/// `opencensus.ext.azure.log_exporter.AzureLogHandler`, with `always_from`; known once
/// [`Settings::with_logging`](crate::Settings::with_logging) has started.
#[derive(Clone, Debug)]
pub struct TelemetryHandler {
    // The logging system may live longer than the pipeline.
    entrance: WeakPipeline,
    always_from: Option<Level>,
}

/// This crate's name, and the predecessor's.
const CLASSES: [&str; 2] = ["application_insights", "opencensus.ext.azure.log_exporter.AzureLogHandler"];

impl TelemetryHandler {
    /// Into this pipeline.
    #[must_use]
    pub fn new(pipeline: &Pipeline) -> Self {
        Self::to(pipeline.downgrade())
    }

    fn to(entrance: WeakPipeline) -> Self {
        Self { entrance, always_from: None }
    }

    /// Records from this level on go whether their request is kept or not. Default: none.
    #[must_use]
    pub fn with_always_from(mut self, level: Level) -> Self {
        self.always_from = Some(level);
        self
    }

    /// Lets configurations name it. Without a pipeline its records go nowhere.
    pub(crate) fn register(logging: &Logging, pipeline: Option<&Pipeline>) {
        for class in CLASSES {
            let entrance = pipeline.map(Pipeline::downgrade);
            logging.add_handler_class(class, move |arguments| Self::made(arguments, entrance.clone()));
        }
    }

    fn made(arguments: &mut Arguments<'_>, entrance: Option<WeakPipeline>) -> Checked<Box<dyn Handler>> {
        // Only the caller's thread knows its request; the pipeline has a queue of its own.
        arguments.set_foreground();
        let always_from = arguments.level("always_from")?;
        // The predecessor's: where it goes is the pipeline's to know, and records go as their requests do.
        for key in ["connection_string", "instrumentation_key", "export_interval", "logging_sampling_rate"] {
            arguments.value(key);
        }
        Ok(match entrance {
            Some(entrance) => Box::new(Self { always_from, ..Self::to(entrance) }),
            None => Box::new(NullHandler),
        })
    }

    fn item(&self, record: &Record) -> Result<Option<TelemetryItem>, HandlerError> {
        let is_grave = self.always_from.is_some_and(|level| record.level >= level);
        let Some(mut origin) = origin(record, is_grave) else { return Ok(None) };
        origin.time = record.created;
        let words = message(record)?.into_owned();
        let mut attributes = attributes(record);
        let Some(error) = &record.error else {
            let mut item = MessageRecord::new(origin, words);
            (item.severity, item.attributes) = (Some(severity(record.level)), attributes);
            return Ok(Some(item.into()));
        };
        let mut chain = error.chain().into_iter();
        let Some(first) = chain.next() else { return Ok(None) };
        if words != first.message {
            attributes.push(Attribute::new("log.message", words));
        }
        let mut item = ExceptionRecord::new(origin);
        item.type_name = first.type_name;
        item.message = Some(first.message.into());
        let causes = chain.map(|link| match link.type_name {
            Some(type_name) => format!("Caused by: {type_name}: {}", link.message),
            None => format!("Caused by: {}", link.message),
        });
        let stack: Vec<_> = causes.chain(error.backtrace().map(str::to_owned)).collect();
        item.stack = (!stack.is_empty()).then(|| stack.join("\n").into());
        (item.severity, item.attributes) = (Some(severity(record.level)), attributes);
        Ok(Some(item.into()))
    }
}

impl Handler for TelemetryHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        if let Some(item) = self.item(record)? {
            self.entrance.submit(item);
        }
        Ok(())
    }
}

/// Where the record belongs. `None`: its request is not kept, and it is not grave enough.
fn origin(record: &Record, is_grave: bool) -> Option<Origin> {
    let mut origin = Origin::at(SystemTime::now());
    let Some(trace) = record.trace else { return Some(origin) };
    if !trace.sampled && !is_grave {
        return None;
    }
    let flags = if trace.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let (trace_id, span_id) = (TraceId::from_bytes(trace.trace_id), SpanId::from_bytes(trace.span_id));
    origin.context = Some(TraceContext::new(trace_id, span_id, flags));
    // Grave ones are all there: each stands for itself.
    origin.rate = if is_grave { Some(SamplingRate::ALL) } else { rate(span_id) };
    Some(origin)
}

/// The rate of the request that this thread is busy with, if the record was said in it.
fn rate(span_id: SpanId) -> Option<SamplingRate> {
    match current::get() {
        Some(Current::Recording(span)) if span.context().span_id() == span_id => span.rate(),
        _ => None,
    }
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

/// The record's fields, the logger and the place. The request is told by its own item.
fn attributes(record: &Record) -> Vec<Attribute> {
    let fields = record.fields().iter().filter(|(key, _)| key != "request");
    let mut attributes: Vec<_> = fields.map(|(key, field)| Attribute::new(key.clone(), value(field))).collect();
    attributes.push(Attribute::new("logger", record.logger.to_string()));
    if !record.source.path.is_empty() {
        attributes.push(Attribute::new("code.file.path", record.source.path.clone().into_owned()));
        attributes.push(Attribute::new("code.line.number", i64::from(record.source.line)));
    }
    attributes
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
