//! Reads the body of a request into items. Its work and its result are bounded.

use std::marker::PhantomData;

use serde_json::Value;

use crate::ingest::{parse_envelope, refused_item};
use crate::otlp::encoding::Encoding;
use crate::otlp::envelope::{Envelope, Mapped};
use crate::otlp::message::{InstrumentationScope, Resource};
use crate::otlp::record::Record;
use crate::otlp::records::{Visit, walk};
use crate::otlp::resource;
use crate::store::{NewItem, NewRefusal};

/// The most items of a request, with the events of its spans. Later records are refused.
pub(super) const MAX_ITEMS: usize = 8192;
/// The most resources, scopes and records of a request, so that a small body of empty ones costs little time.
const MAX_PARTS: usize = 65_536;
/// The most reasons of refusals in a response.
const MAX_REASONS: usize = 5;
/// The most characters of the reason why a body is malformed.
const MAX_REASON: usize = 300;
/// The most refusals of a request that are kept.
const MAX_REFUSALS: usize = 500;

/// What a request holds.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) items: Vec<NewItem>,
    /// The number of refused spans, log records or data points.
    pub(super) rejected: usize,
    /// Why they were refused, or events of accepted spans.
    pub(super) reasons: Vec<String>,
    /// The first of the refused records and events, for the store.
    pub(super) refusals: Vec<NewRefusal>,
}

/// Reads a body that arrives at `now`, in microseconds since 1970. `client` is the `User-Agent`.
///
/// # Errors
///
/// Why the body is malformed.
pub(super) fn read<R: Record>(
    body: &[u8],
    encoding: Encoding,
    client: Option<&str>,
    now: i64,
) -> Result<Batch, String> {
    let mut reader = Reader::<R> {
        encoding,
        client,
        now,
        envelope: Envelope::default(),
        scope: String::new(),
        parts: 0,
        mapped: 0,
        batch: Batch::default(),
        record: PhantomData,
    };
    // The reason may quote a long text of the body.
    let short = |reason: String| reason.chars().take(MAX_REASON).collect::<String>();
    walk(body, encoding, R::LISTS, &mut reader).map_err(short)?;
    Ok(reader.batch)
}

struct Reader<'c, R> {
    encoding: Encoding,
    client: Option<&'c str>,
    now: i64,
    envelope: Envelope,
    scope: String,
    /// The number of resources, scopes and records.
    parts: usize,
    /// The number of items that were mapped, accepted or not.
    mapped: usize,
    batch: Batch,
    record: PhantomData<R>,
}

impl<R: Record> Visit for Reader<'_, R> {
    fn resource(&mut self, resource: Resource) -> Result<(), String> {
        self.envelope = resource::envelope(resource);
        self.envelope.at(&[u64::try_from(self.now).unwrap_or_default().saturating_mul(1000)]);
        self.count_part()
    }

    fn scope(&mut self, scope: InstrumentationScope) -> Result<(), String> {
        self.scope = scope.name;
        self.count_part()
    }

    fn record(&mut self, record: &[u8]) -> Result<(), String> {
        self.count_part()?;
        if record.len() > R::MAX_BYTES {
            self.refuse_record(1, &format!("100: a record is larger than {} bytes", R::MAX_BYTES));
            return Ok(());
        }
        let record: R = self.encoding.decode(record)?;
        match record.fault() {
            Some(fault) => self.refuse_record(record.count(), fault),
            None => self.map(record),
        }
        Ok(())
    }
}

impl<R: Record> Reader<'_, R> {
    fn count_part(&mut self) -> Result<(), String> {
        self.parts += 1;
        if self.parts <= MAX_PARTS {
            return Ok(());
        }
        Err(format!("the request has more than {MAX_PARTS} resources, scopes and records"))
    }

    fn map(&mut self, record: R) {
        let mut left = record.count();
        let room = MAX_ITEMS - self.mapped;
        for Mapped { envelope, is_record } in record.map(self.envelope.clone(), &self.scope).take(room) {
            self.mapped += 1;
            left -= usize::from(is_record);
            let text = envelope.to_string();
            match parse_envelope(text.as_bytes(), self.now) {
                Ok(item) => self.batch.items.push(item),
                Err(defect) => {
                    let refusal = || refused_item(text.as_bytes(), &defect, self.client, self.now);
                    self.batch.refuse(is_record.into(), &defect.to_string(), refusal);
                }
            }
        }
        if left > 0 {
            self.refuse_record(left, &format!("the request has more than {MAX_ITEMS} items"));
        }
    }

    /// Refuses a record that is not mapped to items.
    fn refuse_record(&mut self, count: usize, reason: &str) {
        let tag = |name: &str| self.envelope.tags.get(name).and_then(Value::as_str).map(str::to_owned);
        let refusal = || NewRefusal {
            received: self.now,
            client: tag("ai.internal.sdkVersion").or_else(|| self.client.map(str::to_owned)),
            role: tag("ai.cloud.role"),
            rule: "OTLP".to_owned(),
            reason: reason.to_owned(),
            ..NewRefusal::default()
        };
        self.batch.refuse(count, reason, refusal);
    }
}

impl Batch {
    fn refuse(&mut self, count: usize, reason: &str, refusal: impl FnOnce() -> NewRefusal) {
        self.rejected += count;
        if self.reasons.len() < MAX_REASONS && self.reasons.iter().all(|other| other != reason) {
            self.reasons.push(reason.to_owned());
        }
        if self.refusals.len() < MAX_REFUSALS {
            self.refusals.push(refusal());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::message::{LogRecord, Metric, Span};
    use serde_json::json;

    const NOW: i64 = 1_709_618_828_000_000;
    const NANOS: u64 = NOW as u64 * 1000;

    fn spans(spans: &Value) -> Batch {
        let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]});
        read::<Span>(body.to_string().as_bytes(), Encoding::Json, None, NOW).unwrap()
    }

    fn span(start: u64, events: Value) -> Value {
        json!({
            "traceId": "ab".repeat(16), "spanId": "cd".repeat(8), "name": "n", "kind": 2,
            "startTimeUnixNano": start.to_string(), "endTimeUnixNano": start + 1, "events": events
        })
    }

    #[test]
    fn refused_records_are_counted_with_their_reasons_and_do_not_affect_the_others() {
        let old = span(NANOS - 49 * 3_600_000_000_000, json!([]));
        let without_id = json!({"name": "n", "kind": "SPAN_KIND_SERVER"});
        let late_event = json!([{"name": "e", "timeUnixNano": NANOS + 3 * 3_600_000_000_000}, {"name": "f"}]);
        let batch = spans(&json!([span(NANOS, json!([])), old, old, without_id, span(NANOS, late_event)]));
        let kinds: Vec<_> = batch.items.iter().map(|item| item.kind.as_str()).collect();
        assert_eq!((kinds, batch.rejected), (vec!["request", "request", "trace"], 3));
        let starts = ["103: Field 'time'", "the span has no valid", "103: Field 'time'"];
        assert_eq!(batch.reasons.len(), starts.len());
        assert!(
            batch.reasons.iter().zip(starts).all(|(reason, start)| reason.starts_with(start)),
            "{:?}",
            batch.reasons
        );
    }

    #[test]
    fn records_beyond_the_bounds_are_refused() {
        let many = json!(vec![span(NANOS, json!([{"name": "e"}])); MAX_ITEMS / 2 + 10]);
        let batch = spans(&many);
        assert_eq!((batch.items.len(), batch.rejected), (MAX_ITEMS, 10));
        assert_eq!(batch.reasons, ["the request has more than 8192 items"]);
        let large = span(NANOS, json!([{"name": "x".repeat(Span::MAX_BYTES)}]));
        let batch = spans(&json!([large, span(NANOS, json!([]))]));
        assert_eq!((batch.items.len(), batch.rejected), (1, 1));
        let points = vec![json!({"asInt": 1, "timeUnixNano": NANOS}); MAX_ITEMS + 3];
        let metrics = json!([{"name": "m", "sum": {"dataPoints": points}}]);
        let body = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]}).to_string();
        let batch = read::<Metric>(body.as_bytes(), Encoding::Json, None, NOW).unwrap();
        assert_eq!((batch.items.len(), batch.rejected), (MAX_ITEMS, 3));
    }

    #[test]
    fn small_body_of_very_many_records_is_refused() {
        // Two bytes each.
        let spans = |number| field(1, &field(2, &[0x12, 0x00].repeat(number)));
        let batch = read::<Span>(&spans(MAX_PARTS - 2), Encoding::Protobuf, None, NOW).unwrap();
        assert_eq!((batch.items.len(), batch.rejected, batch.refusals.len()), (0, MAX_PARTS - 2, MAX_REFUSALS));
        for body in
            [spans(MAX_PARTS - 1), [0x0A, 0x00].repeat(MAX_PARTS + 1), field(1, &[0x12, 0x00].repeat(MAX_PARTS))]
        {
            let reason = read::<Span>(&body, Encoding::Protobuf, None, NOW).unwrap_err();
            assert_eq!(reason, "the request has more than 65536 resources, scopes and records");
        }
    }

    #[test]
    fn long_texts_are_cut_to_what_the_service_accepts() {
        let mut long = span(NANOS, json!([]));
        long["name"] = "é".repeat(2000).into();
        let resource = json!({"attributes": [{"key": "service.name", "value": {"stringValue": "r".repeat(300)}}]});
        let body = json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [long]}]}]}).to_string();
        let batch = read::<Span>(body.as_bytes(), Encoding::Json, None, NOW).unwrap();
        let item = &batch.items[0];
        assert_eq!((item.name.chars().count(), item.role.as_ref().map(String::len)), (1024, Some(256)));
        let log = json!({"body": {"stringValue": "x".repeat(40_000)}, "timeUnixNano": NANOS});
        let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [log]}]}]}).to_string();
        let batch = read::<LogRecord>(body.as_bytes(), Encoding::Json, None, NOW).unwrap();
        assert_eq!((batch.items[0].name.len(), batch.rejected), (32_768, 0));
    }

    #[test]
    fn records_without_a_time_have_that_of_reception() {
        let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}]}]}]});
        let batch = read::<LogRecord>(body.to_string().as_bytes(), Encoding::Json, None, NOW).unwrap();
        assert_eq!(batch.items[0].time, NOW);
    }

    #[test]
    fn deep_values_neither_overflow_the_stack_nor_are_accepted() {
        let depth = 100_000;
        let value = format!("{}{}", r#"{"arrayValue":{"values":["#.repeat(depth), "]}}".repeat(depth));
        let body = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{value}}}]}}]}}]}}"#);
        // It is larger than a record may be; a smaller one is malformed.
        assert_eq!(read::<LogRecord>(body.as_bytes(), Encoding::Json, None, NOW).unwrap().rejected, 1);
        let value = format!("{}{}", r#"{"arrayValue":{"values":["#.repeat(200), "]}}".repeat(200));
        let body = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{value}}}]}}]}}]}}"#);
        read::<LogRecord>(body.as_bytes(), Encoding::Json, None, NOW).unwrap_err();
        let mut value = Vec::new();
        for _ in 0..200 {
            value = field(5, &field(1, &value));
        }
        let body = field(1, &field(2, &field(2, &field(5, &value))));
        read::<LogRecord>(&body, Encoding::Protobuf, None, NOW).unwrap_err();
    }

    #[test]
    fn reason_does_not_repeat_a_long_text_of_the_body() {
        let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"attributes": "x".repeat(100_000)}]}]}]});
        let reason = read::<LogRecord>(body.to_string().as_bytes(), Encoding::Json, None, NOW).unwrap_err();
        assert!(reason.starts_with("invalid type: string \"xxx") && reason.len() == MAX_REASON, "{reason}");
    }

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut field = vec![number << 3 | 2];
        prost::encode_length_delimiter(content.len(), &mut field).unwrap();
        [&field, content].concat()
    }
}
