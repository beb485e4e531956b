//! Reads an envelope back and asks the rules about every fact in it.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::envelope::{Fact, Field, Refusal, fields, refusal};

/// The texts of each type of data, and whether the encoder may leave them out.
fn fields_of(kind: &str) -> &'static [Field] {
    match kind {
        "RequestData" => &[fields::REQUEST_NAME, fields::REQUEST_URL, fields::REQUEST_SOURCE, fields::RESPONSE_CODE],
        "RemoteDependencyData" => &[
            fields::DEPENDENCY_NAME,
            fields::DEPENDENCY_TYPE,
            fields::DEPENDENCY_TARGET,
            fields::DEPENDENCY_DATA,
            fields::RESULT_CODE,
        ],
        "MessageData" => &[fields::MESSAGE],
        "ExceptionData" => &[],
        "EventData" => &[fields::EVENT_NAME],
        "MetricData" => &[],
        "PageViewData" => &[fields::PAGE_NAME, fields::PAGE_URL],
        "AvailabilityData" => &[fields::AVAILABILITY_NAME, fields::AVAILABILITY_LOCATION, fields::AVAILABILITY_MESSAGE],
        other => panic!("{other}"),
    }
}

const TAGS: [Field; 14] = [
    fields::OPERATION_NAME,
    fields::SYNTHETIC_SOURCE,
    fields::LOCATION_IP,
    fields::USER_AGENT,
    fields::USER_AUTH_ID,
    fields::USER_ID,
    fields::SESSION_ID,
    fields::CLOUD_ROLE,
    fields::CLOUD_ROLE_INSTANCE,
    fields::APPLICATION_VERSION,
    fields::SDK_VERSION,
    fields::DEVICE_ID,
    fields::DEVICE_MODEL,
    fields::DEVICE_MAKER,
];

/// What the service would refuse in an item, by the rules.
pub(super) fn refusals(bytes: &[u8], now: SystemTime, limit: usize) -> Vec<String> {
    let item: Value = serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}"));
    let mut found = Vec::new();
    let mut check = |place: &str, refused: Option<Refusal>| {
        found.extend(refused.map(|refused| format!("{place}: {refused:?}")));
    };
    check("size", refusal(Fact::Size(bytes.len(), limit)));
    check("time", refusal(Fact::Time(time(item["time"].as_str().unwrap()), now)));
    check("rate", refusal(Fact::SampleRate(item["sampleRate"].as_f64().unwrap())));
    texts(&mut check, &item, &[fields::KEY]);
    for (tag, value) in item["tags"].as_object().unwrap() {
        let is_id = matches!(&**tag, "ai.operation.id" | "ai.operation.parentId");
        assert!(is_id || TAGS.iter().any(|field| field.name == tag), "{tag} has no field");
        assert!(value.is_string(), "{tag}");
    }
    texts(&mut check, &item["tags"], &TAGS);
    let (kind, data) = (item["data"]["baseType"].as_str().unwrap(), &item["data"]["baseData"]);
    texts(&mut check, data, fields_of(kind));
    for exception in data["exceptions"].as_array().into_iter().flatten() {
        texts(&mut check, exception, &[fields::EXCEPTION_TYPE, fields::EXCEPTION_MESSAGE, fields::STACK]);
        for frame in exception["parsedStack"].as_array().into_iter().flatten() {
            texts(&mut check, frame, &[fields::FRAME_METHOD, fields::FRAME_FILE]);
        }
    }
    for metric in data["metrics"].as_array().into_iter().flatten() {
        texts(&mut check, metric, &[fields::METRIC_NAME]);
        check("value", refusal(Fact::Number(metric["value"].as_f64().unwrap())));
    }
    properties(&mut check, data);
    found
}

fn texts(check: &mut impl FnMut(&str, Option<Refusal>), object: &Value, fields: &[Field]) {
    for field in fields {
        match object[field.name].as_str() {
            Some(text) => check(field.name, refusal(Fact::Text(*field, text))),
            None => check(field.name, field.is_required.then_some(Refusal::Empty)),
        }
    }
}

fn properties(check: &mut impl FnMut(&str, Option<Refusal>), data: &Value) {
    for (key, value) in data["properties"].as_object().into_iter().flatten() {
        check("key", refusal(Fact::Text(fields::PROPERTY_KEY, key)));
        check(key, refusal(Fact::Text(crate::mapping::tag::property_field(key), value.as_str().unwrap())));
    }
    for (key, value) in data["measurements"].as_object().into_iter().flatten() {
        check("key", refusal(Fact::Text(fields::PROPERTY_KEY, key)));
        check(key, refusal(Fact::Number(value.as_f64().unwrap())));
    }
}

/// Reads a time in the notation of the schema.
fn time(text: &str) -> SystemTime {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month) = (number(0, 4), number(5, 7));
    // Days from 1970, with years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + number(8, 10) - 719_469;
    let seconds = days * 86_400 + number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    let since = Duration::from_secs(seconds.try_into().unwrap()) + Duration::from_micros(number(20, 26).unsigned_abs());
    SystemTime::UNIX_EPOCH + since
}
