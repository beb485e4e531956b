//! A pipeline as an exporter of log records.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opencensus_core::{
    Attribute, EventRecord, ExceptionRecord, MessageRecord, Origin, Pipeline, Resource, Severity, TelemetryItem,
    TraceContext, TraceFlags, TraceId,
};
use opentelemetry::logs::Severity as OtelSeverity;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, SdkLogRecord};

use crate::pipeline_exporter::any_value::{text_of, value_from};
use crate::pipeline_exporter::flush::flush;
use crate::resource::from_otel_resource;

/// The attribute of custom events, by Azure Monitor's convention. Its value is their name.
const CUSTOM_EVENT: &str = "microsoft.custom_event.name";

/// A log exporter for OpenTelemetry's SDK that submits records to a [`Pipeline`]. It needs no runtime.
///
/// A record with the attribute `microsoft.custom_event.name` becomes a custom event, one with
/// `exception.type` or `exception.message` an exception, any other a message. A message without a body is the name of
/// its event, else its fields as `key=value`; lists and maps become JSON.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
/// use opencensus_opentelemetry::PipelineLogExporter;
/// use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
/// use opentelemetry_sdk::logs::SdkLoggerProvider;
///
/// let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None)?;
/// let provider =
///     SdkLoggerProvider::builder().with_batch_exporter(PipelineLogExporter::new(pipeline.clone())).build();
/// let logger = provider.logger("shop");
/// let mut record = logger.create_log_record();
/// record.set_body("out of stock".into());
/// logger.emit(record);
/// provider.shutdown()?;
/// assert_eq!(pipeline.stats().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PipelineLogExporter {
    pipeline: Pipeline,
    resource: Arc<Resource>,
}

impl PipelineLogExporter {
    /// Creates an exporter that submits to this pipeline.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self { pipeline, resource: Arc::default() }
    }
}

impl LogExporter for PipelineLogExporter {
    /// Submits the records and returns. The pipeline counts those that it refuses because it is full or
    /// closed.
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        batch.iter().for_each(|(record, _)| self.pipeline.submit(telemetry_item(record, &self.resource)));
        Ok(())
    }

    /// Blocks until the queued items are sent. The pipeline keeps running until its last handle is
    /// dropped.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        flush(&self.pipeline, timeout)
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        self.resource = Arc::new(from_otel_resource(resource));
    }
}

fn telemetry_item(record: &SdkLogRecord, resource: &Arc<Resource>) -> TelemetryItem {
    let time = record.timestamp().or(record.observed_timestamp()).unwrap_or_else(SystemTime::now);
    let mut origin = Origin::at(time);
    origin.resource = Some(Arc::clone(resource));
    origin.context = record.trace_context().map(|context| {
        TraceContext::new(
            TraceId::from_bytes(context.trace_id.to_bytes()),
            opencensus_core::SpanId::from_bytes(context.span_id.to_bytes()),
            context.trace_flags.map_or(TraceFlags::NONE, |flags| TraceFlags::from_bits(flags.to_u8())),
        )
    });
    let attributes: Vec<_> = record
        .attributes_iter()
        .map(|(key, value)| Attribute::new(key.as_str().to_owned(), value_from(value)))
        .collect();
    let severity = record.severity_number().map(severity);
    let body = record.body().map(text_of).filter(|body| !body.trim_start().is_empty());
    let event = record.event_name().filter(|name| !name.is_empty());
    item_by_attributes(origin, Text { body, event }, severity, record.target(), attributes)
}

/// What a record says in words.
struct Text {
    // Not blank.
    body: Option<String>,
    event: Option<&'static str>,
}

/// Selects the kind of item by the attributes of the record.
fn item_by_attributes(
    origin: Origin,
    text: Text,
    severity: Option<Severity>,
    logger: Option<&Cow<'static, str>>,
    mut attributes: Vec<Attribute>,
) -> TelemetryItem {
    if let Some(at) = attributes.iter().position(|attribute| attribute.key == CUSTOM_EVENT) {
        let name = attributes.remove(at).value.to_string();
        let mut event = EventRecord::new(origin, name);
        event.attributes = attributes;
        return event.into();
    }
    let is_exception = |attribute: &Attribute| matches!(&*attribute.key, "exception.type" | "exception.message");
    if attributes.iter().any(is_exception) {
        attributes.extend(text.event.map(|event| Attribute::new("event.name", event)));
        attributes.extend(logger_name(logger));
        return exception(origin, text.body, severity, attributes);
    }
    let (message, event) = message(text, &attributes);
    attributes.extend(event.map(|event| Attribute::new("event.name", event)));
    attributes.extend(logger_name(logger));
    let mut record = MessageRecord::new(origin, message);
    (record.severity, record.attributes) = (severity, attributes);
    record.into()
}

fn logger_name(logger: Option<&Cow<'static, str>>) -> Option<Attribute> {
    logger.filter(|logger| !logger.is_empty()).map(|logger| Attribute::new("logger_name", logger.clone()))
}

fn exception(
    origin: Origin,
    body: Option<String>,
    severity: Option<Severity>,
    attributes: Vec<Attribute>,
) -> TelemetryItem {
    match TelemetryItem::from_event(origin, "exception".into(), attributes) {
        TelemetryItem::Exception(mut exception) => {
            exception.severity = severity.or(exception.severity);
            // The body describes the context of the exception better than its own message.
            exception.message = body.map(Cow::Owned).or(exception.message);
            ExceptionRecord::into(*exception)
        }
        other => other,
    }
}

/// The message of a record, and the name of its event if that is not the message. A record without a body has the name
/// of its event as its message. The crate `tracing` names events after their place in the source, which says less than
/// their fields.
fn message(text: Text, attributes: &[Attribute]) -> (Cow<'static, str>, Option<&'static str>) {
    match (text.body, text.event) {
        (Some(body), event) => (body.into(), event.filter(|event| !is_place(event))),
        (None, Some(event)) if attributes.is_empty() || !is_place(event) => (event.into(), None),
        (None, event) => {
            let fields = attributes.iter().map(|attribute| format!("{}={}", attribute.key, attribute.value));
            (fields.collect::<Vec<_>>().join(", ").into(), event)
        }
    }
}

/// Whether the name is `event FILE:LINE`, as `tracing` makes it.
fn is_place(event: &str) -> bool {
    let place = event.strip_prefix("event ").and_then(|place| place.rsplit_once(':'));
    place.is_some_and(|(_, line)| line.parse::<u32>().is_ok())
}

/// OpenTelemetry divides each severity into four numbers.
fn severity(severity: OtelSeverity) -> Severity {
    match severity as i32 {
        ..9 => Severity::Verbose,
        9..13 => Severity::Information,
        13..17 => Severity::Warning,
        17..21 => Severity::Error,
        _ => Severity::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::{InMemoryExporter, PipelineLimits};
    use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _};
    use opentelemetry_sdk::logs::SdkLoggerProvider;

    #[test]
    fn four_severity_numbers_map_to_one_severity() {
        for (otel, ours) in [
            (OtelSeverity::Trace, Severity::Verbose),
            (OtelSeverity::Debug4, Severity::Verbose),
            (OtelSeverity::Info, Severity::Information),
            (OtelSeverity::Warn3, Severity::Warning),
            (OtelSeverity::Error, Severity::Error),
            (OtelSeverity::Fatal4, Severity::Critical),
        ] {
            assert_eq!(severity(otel), ours, "{otel:?}");
        }
    }

    /// The item of a record, as the SDK exports it.
    fn exported(fill: impl FnOnce(&mut SdkLogRecord)) -> TelemetryItem {
        let exporter = InMemoryExporter::default();
        let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None).unwrap();
        let provider =
            SdkLoggerProvider::builder().with_simple_exporter(PipelineLogExporter::new(pipeline.clone())).build();
        let logger = provider.logger("shop");
        let mut record = logger.create_log_record();
        fill(&mut record);
        logger.emit(record);
        provider.shutdown().unwrap();
        exporter.items().remove(0)
    }

    /// The message of a record with this body and event, and with the attribute `chairs`.
    fn message_of(body: Option<AnyValue>, event: Option<&'static str>) -> (String, Option<String>) {
        let item = exported(|record| {
            body.into_iter().for_each(|body| record.set_body(body));
            event.into_iter().for_each(|event| record.set_event_name(event));
            record.add_attribute("chairs", 3);
        });
        let TelemetryItem::Message(record) = item else { panic!("{item:?}") };
        let event = record.attributes.iter().find(|attribute| attribute.key == "event.name");
        (record.message.into_owned(), event.map(|event| event.value.to_string()))
    }

    #[test]
    fn record_without_a_body_has_its_event_or_its_fields_as_its_message() {
        // The event of `tracing::info!(chairs = 3)`, as `opentelemetry-appender-tracing` names it.
        let place = "event src/main.rs:7";
        let name = |name: &str| Some(name.to_owned());
        for (body, event, expected) in [
            (Some("out of stock".into()), None, ("out of stock", None)),
            (Some("out of stock".into()), Some("order.failed"), ("out of stock", name("order.failed"))),
            (Some("out of stock".into()), Some(place), ("out of stock", None)),
            (Some("".into()), Some("order.failed"), ("order.failed", None)),
            (None, Some("order.failed"), ("order.failed", None)),
            (None, Some(place), ("chairs=3", name(place))),
            (None, None, ("chairs=3", None)),
            (Some(AnyValue::Map(Box::default())), None, ("{}", None)),
        ] {
            let (message, event_name) = message_of(body.clone(), event);
            assert_eq!((&*message, event_name), expected, "{body:?} {event:?}");
        }
    }

    #[test]
    fn exception_keeps_the_name_of_its_event() {
        let item = exported(|record| {
            record.set_event_name("order.failed");
            record.add_attribute("exception.message", "no chairs");
        });
        let TelemetryItem::Exception(record) = item else { panic!("{item:?}") };
        assert_eq!(record.message.as_deref(), Some("no chairs"));
        assert!(record.attributes.contains(&Attribute::new("event.name", "order.failed")), "{record:?}");
    }
}
