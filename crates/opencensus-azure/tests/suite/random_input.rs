//! Random connection strings, ingestion responses and items. `CASES=1000000` runs as many.

use std::time::{Duration, SystemTime};

use opencensus_azure::{AzureExporter, ConnectionString, IngestionResponse};
use opencensus_core::{
    Attribute, Batch, Delivery, EventRecord, ExceptionRecord, Exporter as _, MessageRecord, MetricRecord, Origin,
    Resource, SpanKind, SpanRecord, TelemetryItem, TraceContext,
};
use serde_json::Value;

use test_support::random::{Random, cases};

use crate::schema::violations;

/// Characters of every length in UTF-8 and UTF-16, and characters that JSON escapes.
const CHARACTERS: [char; 12] = ['a', '7', ' ', '"', '\\', '\n', '\u{1}', 'é', '你', '\u{2028}', '😀', '\u{10FFFF}'];

fn text(random: &mut Random, max_length: usize) -> String {
    let (length, mixed) = (random.below(max_length + 1), random.flag());
    let one = *random.pick(&CHARACTERS);
    (0..length).map(|_| if mixed { *random.pick(&CHARACTERS) } else { one }).collect()
}

#[test]
fn any_connection_string_is_parsed_or_refused_without_showing_its_key() {
    const KEYS: [&str; 3] = ["5ec2e7ba-5e00-4abc-8def-0123456789ab", "5ec2e7ba", ""];
    const NAMES: [&str; 8] = [
        "IngestionEndpoint",
        "LiveEndpoint",
        "EndpointSuffix",
        "Location",
        "Authorization",
        "AADAudience",
        "UseDevelopmentTelemetry",
        "x",
    ];
    const VALUES: [&str; 7] = ["https://a.example/", "http://127.0.0.1:1", "ikey", "true", "a=b", "", " "];
    let mut random = Random::new(21);
    let mut read = 0;
    for _ in 0..cases(20_000) {
        let parts = (0..random.below(6)).map(|_| match random.below(5) {
            0 => text(&mut random, 12),
            1 | 2 => format!("InstrumentationKey={}", random.pick(&KEYS)),
            _ => format!("{}={}", random.pick(&NAMES), random.pick(&VALUES)),
        });
        let given = parts.collect::<Vec<_>>().join(";");
        match given.parse::<ConnectionString>() {
            Ok(connection) => {
                read += 1;
                let again: ConnectionString = connection.expose().parse().expect("an exposed connection string parses");
                assert_eq!(again, connection, "{given:?}");
                assert!(!format!("{connection:?}").contains("5ec2e7ba"), "{given:?}");
                if let Ok(url) = connection.track_url() {
                    assert!(url.path().ends_with("/v2.1/track") && matches!(url.scheme(), "http" | "https"));
                }
            }
            Err(error) => assert!(!error.to_string().contains("5ec2e7ba"), "{given:?}: {error}"),
        }
    }
    assert!(read > 0);
}

#[test]
fn any_response_yields_valid_outcomes() {
    const STATUSES: [u16; 14] = [200, 202, 206, 301, 307, 400, 401, 402, 408, 413, 429, 439, 500, 503];
    let mut random = Random::new(22);
    for _ in 0..cases(20_000) {
        let items = 1 + random.below(8);
        let errors = (0..random.below(12)).map(|_| {
            let index = match random.below(6) {
                0 => "null".to_owned(),
                1 => "-1".to_owned(),
                2 => "1e99".to_owned(),
                _ => random.below(items + 2).to_string(),
            };
            format!(r#"{{"index":{index},"statusCode":{},"message":"x"}}"#, random.pick(&STATUSES))
        });
        let mut body = format!(r#"{{"itemsReceived":{items},"errors":[{}]}}"#, errors.collect::<Vec<_>>().join(","));
        if random.below(4) == 0 {
            let cut = (0..=random.below(body.len())).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
            body.truncate(cut);
        }
        let status = *random.pick(&STATUSES);
        let mut response = IngestionResponse::new(status, body.as_bytes());
        if random.flag() {
            response = response.with_retry_after(&(random.next() % 100).to_string(), SystemTime::now());
        }
        if let Delivery::Partial { items: outcomes, .. } = response.delivery(items) {
            assert!(!outcomes.is_empty() && outcomes.iter().all(|(index, _)| *index < items), "{status} {body}");
            assert!(outcomes.len() <= 2 * items, "{status} {body}");
        }
        let header = text(&mut random, 20);
        let wait = response.with_retry_after(&header, SystemTime::now()).retry_after();
        assert!(wait.is_none_or(|wait| wait > Duration::ZERO), "{header:?}");
    }
}

/// An item with texts of any length in all fields.
fn item(random: &mut Random) -> TelemetryItem {
    let attributes: Vec<_> = (0..random.below(4))
        .map(|_| {
            let key = if random.flag() {
                text(random, 200)
            } else {
                (*random.pick(&["enduser.id", "session.id", "http.route", "db.system", "url.full"])).to_owned()
            };
            Attribute::new(key, text(random, 9000))
        })
        .collect();
    let origin = Origin::at(SystemTime::now());
    match random.below(5) {
        0 => {
            let mut event = EventRecord::new(origin, text(random, 600));
            event.measurements.push((text(random, 200).into(), f64::from_bits(random.next())));
            event.attributes = attributes;
            event.into()
        }
        1 => {
            let mut error = ExceptionRecord::new(origin);
            error.type_name = random.flag().then(|| text(random, 1100).into());
            error.message = random.flag().then(|| text(random, 33_000).into());
            error.stack = random.flag().then(|| text(random, 33_000).into());
            error.attributes = attributes;
            error.into()
        }
        2 => {
            let mut message = MessageRecord::new(origin, text(random, 33_000));
            message.attributes = attributes;
            message.into()
        }
        3 => MetricRecord::new(origin, text(random, 1100), f64::from_bits(random.next())).into(),
        _ => {
            let kinds =
                [SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer, SpanKind::Internal];
            let mut span = SpanRecord::new(TraceContext::root(), *random.pick(&kinds), text(random, 1100));
            span.attributes = attributes;
            span.attributes.push(Attribute::new("http.request.method", "GET"));
            span.into()
        }
    }
}

#[test]
fn any_item_is_refused_or_encoded_within_the_schema() {
    let connection: ConnectionString = "UseDevelopmentTelemetry=true".parse().unwrap();
    let mut exporter = AzureExporter::new(&connection, &Resource::default()).unwrap();
    let mut random = Random::new(23);
    let mut encoded = 0;
    for _ in 0..cases(300) {
        let mut batch = Batch::default();
        if exporter.encode(item(&mut random), &mut batch).is_err() {
            assert!(batch.is_empty());
            continue;
        }
        encoded += 1;
        let json = std::str::from_utf8(batch.bytes()).unwrap();
        let envelope: Value = serde_json::from_str(&json[1..]).unwrap_or_else(|error| panic!("{error}: {json}"));
        assert!(violations(&envelope).is_empty(), "{:?}", violations(&envelope));
    }
    assert!(encoded > 0);
}
