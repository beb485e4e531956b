//! Our pipeline as an exporter of OpenTelemetry's logs.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opencensus_core::{
    Attribute, EventRecord, ExceptionRecord, MessageRecord, Origin, Pipeline, Resource, Severity, TelemetryItem,
    TraceContext, TraceFlags, TraceId, Value,
};
use opentelemetry::logs::{AnyValue, Severity as OtelSeverity};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, SdkLogRecord};

use crate::pipeline_exporter::span::flush;
use crate::span_data::resource;

/// The attribute that makes a record a custom event (Azure Monitor's convention).
const CUSTOM_EVENT: &str = "microsoft.custom_event.name";

/// Hands OpenTelemetry's log records to a pipeline: as errors, if they carry `exception.type` or
/// `exception.message`; as custom events, if they carry `microsoft.custom_event.name`; else as messages. No
/// runtime is needed where it is called.
#[derive(Clone, Debug)]
pub struct PipelineLogExporter {
    pipeline: Pipeline,
    resource: Arc<Resource>,
}

impl PipelineLogExporter {
    /// Hands records to this pipeline, which others may use as well.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self { pipeline, resource: Arc::default() }
    }
}

impl LogExporter for PipelineLogExporter {
    /// Only hands over; what is refused because the pipeline is full or closed is counted there.
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        batch.iter().for_each(|(record, _)| self.pipeline.submit(telemetry(record, &self.resource)));
        Ok(())
    }

    /// Sends what is queued. The pipeline goes on for others; it ends with its last handle.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        flush(&self.pipeline, timeout)
    }

    fn set_resource(&mut self, of_sdk: &opentelemetry_sdk::Resource) {
        self.resource = Arc::new(resource(of_sdk));
    }
}

fn telemetry(record: &SdkLogRecord, resource: &Arc<Resource>) -> TelemetryItem {
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
    let body = record.body().map(|body| value_from(body).to_string());
    item(origin, body, severity, record.target(), attributes)
}

fn item(
    origin: Origin,
    body: Option<String>,
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
    if let Some(logger) = logger.filter(|logger| !logger.is_empty()) {
        attributes.push(Attribute::new("logger_name", logger.clone()));
    }
    let is_error = |attribute: &Attribute| matches!(&*attribute.key, "exception.type" | "exception.message");
    if !attributes.iter().any(is_error) {
        let mut message = MessageRecord::new(origin, body.unwrap_or_default());
        (message.severity, message.attributes) = (severity, attributes);
        return message.into();
    }
    match TelemetryItem::of_event(origin, "exception".into(), attributes) {
        TelemetryItem::Exception(mut error) => {
            error.severity = severity;
            // The words of the record say more than the error's own.
            error.message = body.map(Cow::Owned).or(error.message);
            ExceptionRecord::into(*error)
        }
        other => other,
    }
}

/// OpenTelemetry's severities come in fours.
fn severity(severity: OtelSeverity) -> Severity {
    match severity as i32 {
        ..9 => Severity::Verbose,
        9..13 => Severity::Information,
        13..17 => Severity::Warning,
        17..21 => Severity::Error,
        _ => Severity::Critical,
    }
}

fn value_from(value: &AnyValue) -> Value {
    match value {
        AnyValue::Int(value) => (*value).into(),
        AnyValue::Double(value) => (*value).into(),
        AnyValue::Boolean(value) => (*value).into(),
        AnyValue::String(value) => Value::from(value.as_str().to_owned()),
        AnyValue::Bytes(bytes) => Value::List(bytes.iter().map(|byte| i64::from(*byte).into()).collect()),
        AnyValue::ListAny(values) => Value::List(values.iter().map(value_from).collect()),
        AnyValue::Map(members) => {
            // Their order is the map's; sorted, equal maps are equal texts.
            let mut members: Vec<_> =
                members.iter().map(|(key, value)| format!("{key}={}", value_from(value))).collect();
            members.sort();
            Value::from(format!("{{{}}}", members.join(",")))
        }
        other => Value::from(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_come_in_fours() {
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
}
