//! Log records as messages, exceptions, custom events and results of availability tests.

use serde_json::{Value, json};

use crate::otlp::attributes::Attributes;
use crate::otlp::context::{tag_operation, take_client_address, take_user};
use crate::otlp::envelope::{Envelope, Mapped};
use crate::otlp::message::LogRecord;
use crate::otlp::record::Record;
use crate::otlp::records::ListNames;
use crate::otlp::sampling::take_rate;
use crate::otlp::severity::level;
use crate::otlp::{availability, exception, value};

/// The attributes that make a log record a custom event: its name, and the marker of older exporters.
const EVENT_NAME: &str = "microsoft.custom_event.name";
const EVENT_MARKER: &str = "APPLICATION_INSIGHTS_EVENT_MARKER_ATTRIBUTE";
/// The message of a log record without one, as in Microsoft's exporter for Python.
const NO_MESSAGE: &str = "n/a";

impl Record for LogRecord {
    const LISTS: ListNames = ["resourceLogs", "scopeLogs", "logRecords"];
    const REJECTED: &'static str = "rejectedLogRecords";
    const MAX_BYTES: usize = 1024 * 1024;

    fn count(&self) -> usize {
        1
    }

    fn map(mut self, mut envelope: Envelope, scope: &str) -> impl Iterator<Item = Mapped> {
        let mut attributes = Attributes::new(std::mem::take(&mut self.attributes));
        envelope.at(&[self.time_unix_nano, self.observed_time_unix_nano]);
        envelope.sample_rate = take_rate(&mut attributes, "");
        tag_operation(&mut envelope, &self.trace_id, &self.span_id);
        take_user(&mut envelope, &mut attributes);
        take_client_address(&mut envelope, &mut attributes, false);
        envelope.tag("ai.operation.name", attributes.take(&["microsoft.operation_name", "ai.operation.name"]));
        let level = level(self.severity_number, &self.severity_text);
        let (base_type, mut fields) = fields(body(&mut self), &mut attributes, level);
        let texts = [("logger_name", scope), ("event.name", &self.event_name)];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        fields["properties"] = texts.map(|(key, text)| (key.to_owned(), Value::from(text))).collect();
        std::iter::once(Mapped { envelope: envelope.with(base_type, fields, attributes), is_record: true })
    }
}

/// The body as text: as it is, or as JSON. `None` if it is blank.
fn body(record: &mut LogRecord) -> Option<String> {
    let body = value::json(record.body.take()?);
    let text = if body.is_null() { String::new() } else { value::text(body) };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Type and fields of the item.
fn fields(body: Option<String>, attributes: &mut Attributes, level: Option<u8>) -> (&'static str, Value) {
    if exception::is_exception(attributes) {
        return ("ExceptionData", exception::fields(attributes, body, level));
    }
    let is_event = attributes.remove(EVENT_MARKER).is_some();
    if let Some(name) = attributes.take(&[EVENT_NAME]) {
        return ("EventData", json!({"name": name}));
    }
    if is_event {
        return ("EventData", json!({"name": body.unwrap_or_else(|| NO_MESSAGE.to_owned())}));
    }
    if let Some(fields) = availability::take(attributes, body.as_deref()) {
        return ("AvailabilityData", fields);
    }
    let message = body.unwrap_or_else(|| NO_MESSAGE.to_owned());
    ("MessageData", json!({"message": message, "severityLevel": level}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use crate::otlp::message::{AnyValue, Kind};

    fn record(body: Option<Kind>, attributes: Value) -> LogRecord {
        LogRecord {
            time_unix_nano: 1_709_618_828_000_000_000,
            severity_number: 13,
            body: body.map(|kind| AnyValue { kind: Some(kind) }),
            attributes: list(attributes),
            trace_id: vec![0xAB; 16],
            span_id: vec![0xCD; 8],
            ..LogRecord::default()
        }
    }

    fn map(record: LogRecord) -> Value {
        let mut items: Vec<_> = record.map(Envelope::default(), "shop.orders").collect();
        assert!(items.len() == 1 && items[0].is_record);
        items.remove(0).envelope
    }

    fn text(text: &str) -> Option<Kind> {
        Some(Kind::Text(text.to_owned()))
    }

    #[test]
    fn log_record_is_a_message_below_its_span() {
        let item = map(record(text(" out of stock\n"), json!({"chair": 7, "microsoft.operation_name": "GET /"})));
        let expected = json!({
            "ai.operation.id": "ab".repeat(16), "ai.operation.parentId": "cd".repeat(8), "ai.operation.name": "GET /"
        });
        assert_eq!(item["tags"], expected);
        let expected = json!({
            "ver": 2, "message": "out of stock", "severityLevel": 2,
            "properties": {"chair": "7", "logger_name": "shop.orders"}
        });
        assert_eq!(item["data"], json!({"baseType": "MessageData", "baseData": expected}));
    }

    #[test]
    fn body_that_is_no_text_is_json_and_a_missing_one_is_n_a() {
        let list = Kind::List(crate::otlp::message::ArrayValue {
            values: vec![AnyValue { kind: Some(Kind::Integer(1)) }, AnyValue { kind: text("a") }],
        });
        for (body, message) in
            [(Some(list), "[1,\"a\"]"), (None, "n/a"), (text(" "), "n/a"), (Some(Kind::Flag(true)), "true")]
        {
            assert_eq!(map(record(body, json!({})))["data"]["baseData"]["message"], message);
        }
    }

    #[test]
    fn log_record_of_an_exception_is_an_exception() {
        let attributes = json!({"exception.type": "E", "exception.message": "m", "exception.stacktrace": "s"});
        let item = map(record(text("order failed"), attributes));
        assert_eq!(item["data"]["baseType"], "ExceptionData");
        let base = &item["data"]["baseData"];
        let expected = json!([{"typeName": "E", "message": "order failed", "hasFullStack": true, "stack": "s"}]);
        assert_eq!((&base["exceptions"], &base["severityLevel"]), (&expected, &json!(2)));
        assert_eq!(base["properties"], json!({"exception.message": "m", "logger_name": "shop.orders"}));
    }

    #[test]
    fn log_record_with_the_name_of_a_custom_event_is_one() {
        for (attributes, name) in
            [(json!({EVENT_NAME: "ordered", "chair": 7}), "ordered"), (json!({EVENT_MARKER: true, "chair": 7}), "body")]
        {
            let item = map(record(text("body"), attributes));
            assert_eq!(
                (&item["data"]["baseType"], &item["data"]["baseData"]["name"]),
                (&json!("EventData"), &json!(name))
            );
            assert_eq!(item["data"]["baseData"]["properties"], json!({"chair": "7", "logger_name": "shop.orders"}));
        }
    }

    #[test]
    fn observed_time_stands_in_for_a_missing_time() {
        let mut record = record(text("x"), json!({}));
        record.observed_time_unix_nano = record.time_unix_nano + 1_000_000_000;
        assert_eq!(map(record.clone())["time"], "2024-03-05T06:07:08.0000000Z");
        record.time_unix_nano = 0;
        record.event_name = "device.boot".to_owned();
        let item = map(record);
        assert_eq!(item["time"], "2024-03-05T06:07:09.0000000Z");
        assert_eq!(item["data"]["baseData"]["properties"]["event.name"], "device.boot");
    }
}
