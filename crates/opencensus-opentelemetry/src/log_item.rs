//! Converts log records of OpenTelemetry to telemetry items.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use opencensus_core::{
    Attribute, EventRecord, ExceptionRecord, MessageRecord, Origin, Resource, SamplingRate, Severity, TelemetryItem,
    TraceContext, TraceFlags,
};
use opentelemetry::logs::Severity as OtelSeverity;
use opentelemetry_sdk::logs::SdkLogRecord;

use crate::any_value::{text_of, value_from};
use crate::span_context::{span_id, trace_id};

/// The attribute of custom events, by Azure Monitor's convention. Its value is their name.
const CUSTOM_EVENT: &str = "microsoft.custom_event.name";

/// Converts a log record: to a custom event, an exception or a message. `resource`: the process that recorded it, if that is not
/// the exporter's own.
pub(crate) fn log_item(record: &SdkLogRecord, resource: Option<&Arc<Resource>>, rate: SamplingRate) -> TelemetryItem {
    let time = record.timestamp().or(record.observed_timestamp()).unwrap_or_else(SystemTime::now);
    let mut origin = Origin::at(time);
    origin.resource = resource.map(Arc::clone);
    origin.rate = Some(rate);
    origin.context = record.trace_context().map(|context| {
        TraceContext::new(
            trace_id(context.trace_id),
            span_id(context.span_id),
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
    use crate::pipeline_exporter::PipelineLogExporter;
    use opencensus_core::{InMemoryExporter, Pipeline, PipelineLimits};
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
