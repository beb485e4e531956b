//! Bodies that are valid but for a few random changes: nothing panics, and what is accepted is bounded.

use prost::Message as _;
use serde_json::{Value, json};

use crate::otlp::attributes::tests::list;
use crate::otlp::encoding::Encoding;
use crate::otlp::message::{AnyValue, Event, KeyValue, Kind, Link, LogRecord, Metric, Resource, Span, Status};
use crate::otlp::message::{Histogram, HistogramPoint, NumberPoint, Numbers, Quantile, Summary, SummaryPoint};
use crate::otlp::post::{MAX_ITEMS, read};

const NOW: i64 = 1_709_618_828_000_000;
const NANOS: u64 = NOW as u64 * 1000;
const CASES: usize = 20_000;

/// Pseudo-random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    /// Changes a few bytes, or removes, repeats or moves a part.
    fn mutate(&mut self, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        for _ in 0..=self.below(4) {
            let (at, length) = (self.below(body.len()), self.below(24));
            let end = (at + length).min(body.len());
            match self.below(6) {
                0 if !body.is_empty() => body[at] ^= 1 << self.below(8),
                1 if !body.is_empty() => body[at] = [0, 0x7F, 0x80, 0xFF, b'"', b'}', b'-', b'9'][self.below(8)],
                2 => drop(body.drain(at..end)),
                3 => {
                    let part = body[at..end].to_vec();
                    let to = self.below(body.len());
                    body.splice(to..to, part);
                }
                4 => body.truncate(at),
                _ => {
                    let noise: Vec<u8> = (0..length).map(|_| self.below(256) as u8).collect();
                    body.splice(at..at, noise);
                }
            }
        }
        body
    }
}

fn attributes() -> Vec<KeyValue> {
    let nested =
        r#"{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"bytesValue":"AQ=="},{}]}}}]}}"#;
    let nested: AnyValue = serde_json::from_str(nested).unwrap();
    let mut attributes = list(json!({
        "http.request.method": "GET", "url.full": "http://u@[::1]:80/ä?q#f", "http.response.status_code": 404,
        "server.port": 80, "microsoft.sample_rate": 12.5, "microsoft.custom_measurements": "{\"a\":1}", "db.system": "mssql",
        "exception.type": "E", "session.id": "s"
    }));
    attributes.push(KeyValue { key: "nested".to_owned(), value: Some(nested) });
    attributes.push(KeyValue { key: "b".to_owned(), value: Some(AnyValue { kind: Some(Kind::Bytes(vec![1, 0xFF])) }) });
    attributes
}

fn span() -> Span {
    Span {
        trace_id: vec![0xAB; 16],
        span_id: vec![0xCD; 8],
        parent_span_id: vec![0xEF; 8],
        trace_state: "ot=th:c;rv:1".to_owned(),
        name: "GET".to_owned(),
        kind: Span::SERVER,
        start_time_unix_nano: NANOS,
        end_time_unix_nano: NANOS + 1,
        attributes: attributes(),
        events: vec![Event { time_unix_nano: NANOS, name: "exception".to_owned(), attributes: attributes() }],
        links: vec![Link { trace_id: vec![1; 16], span_id: vec![2; 8] }],
        status: Some(Status { code: Status::ERROR, message: "m".to_owned() }),
    }
}

fn log() -> LogRecord {
    LogRecord {
        time_unix_nano: NANOS,
        severity_number: 13,
        body: Some(AnyValue { kind: Some(Kind::Text("ä".to_owned())) }),
        attributes: attributes(),
        trace_id: vec![0xAB; 16],
        span_id: vec![0xCD; 8],
        ..LogRecord::default()
    }
}

fn metric() -> Metric {
    let time_unix_nano = NANOS;
    let number =
        NumberPoint { attributes: attributes(), time_unix_nano, as_double: Some(1.5), ..NumberPoint::default() };
    let (count, sum) = (3, Some(6.0));
    let histogram = HistogramPoint { time_unix_nano, count, sum, min: Some(1.0), ..HistogramPoint::default() };
    let quantile_values = vec![Quantile { quantile: 1.0, value: 2.0 }];
    let summary = SummaryPoint { time_unix_nano, count, sum: 6.0, quantile_values, ..SummaryPoint::default() };
    Metric {
        name: "m".to_owned(),
        gauge: Some(Numbers { data_points: vec![number.clone(), number] }),
        histogram: Some(Histogram { data_points: vec![histogram] }),
        summary: Some(Summary { data_points: vec![summary] }),
        ..Metric::default()
    }
}

/// A field of a message.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    prost::encode_length_delimiter(content.len(), &mut field).unwrap();
    [&field, content].concat()
}

fn protobuf(record: &impl prost::Message) -> Vec<u8> {
    let resource = Resource { attributes: list(json!({"service.name": "shop", "service.namespace": "store"})) };
    let record = field(2, &record.encode_to_vec());
    let scope = [field(1, &field(1, b"scope")), record.repeat(2)].concat();
    field(1, &[field(1, &resource.encode_to_vec()), field(2, &scope)].concat())
}

fn json_body([groups, scopes, records]: [&str; 3], record: &Value) -> Vec<u8> {
    let resource = json!({"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]});
    let scope = json!({"scope": {"name": "s"}, records: [record, record]});
    json!({groups: [{"resource": resource, scopes: [scope]}]}).to_string().into_bytes()
}

fn json_span() -> Value {
    json!({
        "traceId": "ab".repeat(16), "spanId": "cd".repeat(8), "parentSpanId": "ef".repeat(8), "name": "GET", "kind": 3,
        "startTimeUnixNano": NANOS.to_string(), "endTimeUnixNano": NANOS + 5, "traceState": "ot=th:8",
        "attributes": [
            {"key": "http.method", "value": {"stringValue": "GET"}}, {"key": "http.url", "value": {"stringValue": "http://h"}},
            {"key": "n", "value": {"intValue": "-7"}}, {"key": "d", "value": {"doubleValue": "NaN"}},
            {"key": "l", "value": {"arrayValue": {"values": [{"boolValue": true}, {"kvlistValue": {"values": []}}]}}}
        ],
        "events": [{"name": "e", "timeUnixNano": NANOS.to_string()}], "status": {"code": "STATUS_CODE_OK"}
    })
}

fn json_log() -> Value {
    json!({
        "timeUnixNano": NANOS.to_string(), "severityNumber": "SEVERITY_NUMBER_WARN", "body": {"stringValue": "x"},
        "attributes": [{"key": "microsoft.custom_event.name", "value": {"stringValue": "ordered"}}]
    })
}

fn json_metric() -> Value {
    json!({"name": "m", "exponentialHistogram": {"dataPoints": [
        {"timeUnixNano": NANOS.to_string(), "count": "3", "sum": 6.5, "min": "1", "max": 1e300, "flags": 0}
    ]}})
}

/// Reads mutations of a body, and returns how many of them were accepted in part, and how many were malformed.
fn read_mutations<R: crate::otlp::record::Record>(body: &[u8], encoding: Encoding, seed: u64) -> [usize; 2] {
    let mut random = Random(seed);
    let mut counts = [0, 0];
    let unchanged = read::<R>(body, encoding, None, NOW).unwrap();
    assert_eq!((unchanged.rejected, unchanged.reasons.len()), (0, 0), "{:?}", unchanged.reasons);
    for _ in 0..CASES / 6 {
        let body = random.mutate(body);
        match read::<R>(&body, encoding, None, NOW) {
            Ok(batch) => {
                counts[0] += usize::from(!batch.items.is_empty());
                assert!(batch.items.len() + batch.refusals.len() <= MAX_ITEMS);
                assert!(
                    batch.items.iter().all(|item| item.raw.len() <= 64 * 1024 && item.duration.is_none_or(|d| d >= 0))
                );
            }
            Err(reason) => {
                counts[1] += 1;
                assert!(reason.chars().count() <= 300, "{reason}");
            }
        }
    }
    counts
}

#[test]
fn mutations_of_valid_bodies_neither_panic_nor_exceed_the_bounds() {
    let counts = [
        read_mutations::<Span>(&protobuf(&span()), Encoding::Protobuf, 1),
        read_mutations::<LogRecord>(&protobuf(&log()), Encoding::Protobuf, 2),
        read_mutations::<Metric>(&protobuf(&metric()), Encoding::Protobuf, 3),
        read_mutations::<Span>(&json_body(["resourceSpans", "scopeSpans", "spans"], &json_span()), Encoding::Json, 4),
        read_mutations::<LogRecord>(
            &json_body(["resourceLogs", "scopeLogs", "logRecords"], &json_log()),
            Encoding::Json,
            5,
        ),
        read_mutations::<Metric>(
            &json_body(["resourceMetrics", "scopeMetrics", "metrics"], &json_metric()),
            Encoding::Json,
            6,
        ),
    ];
    // The mutations reach the mapping, and break bodies.
    assert!(counts.iter().all(|[accepted, malformed]| *accepted > 100 && *malformed > 100), "{counts:?}");
}
