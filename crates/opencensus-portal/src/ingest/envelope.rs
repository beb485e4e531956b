//! Parses the envelope of an item, and validates it by the rules of Application Insights.

use serde_json::{Map, Value};

use crate::ingest::time;
use crate::store::{ItemKind, NewItem};

/// The maximum age of an item, in microseconds.
const MAX_AGE: i64 = 48 * 60 * 60 * 1_000_000;
/// The maximum time of an item in the future, in microseconds.
const MAX_AHEAD: i64 = 2 * 60 * 60 * 1_000_000;

/// Parses an item that arrives at `now`, in microseconds since 1970.
///
/// # Errors
///
/// The reason for the refusal, worded as by Application Insights.
pub(super) fn parse(text: &str, now: i64) -> Result<NewItem, String> {
    let envelope: Value = serde_json::from_str(text).map_err(|error| format!("100: not JSON: {error}"))?;
    let envelope = envelope.as_object().ok_or("100: an envelope is an object")?;
    if string(envelope, "iKey").is_none_or(str::is_empty) {
        return Err("102: Field 'iKey' on type 'Envelope' is required but missing or empty.".to_owned());
    }
    let time = parse_time(envelope, now)?;
    let data = object(envelope, "data").ok_or("102: Field 'data' on type 'Envelope' is required but missing.")?;
    let base_type = string(data, "baseType").ok_or("102: Field 'baseType' on type 'Data' is required but missing.")?;
    let kind = ItemKind::from_base_type(base_type).ok_or_else(|| format!("109: Unknown type '{base_type}'."))?;
    let base = object(data, "baseData").ok_or("102: Field 'baseData' on type 'Data' is required but missing.")?;
    let empty = Map::new();
    let tags = object(envelope, "tags").unwrap_or(&empty);
    let tag = |name| string(tags, name).map(str::to_owned);
    Ok(NewItem {
        kind,
        time,
        received: now,
        name: string(base, "name").or(string(base, "message")).unwrap_or_default().to_owned(),
        item_id: required_id(kind, base)?,
        operation_id: tag("ai.operation.id"),
        operation_name: tag("ai.operation.name"),
        parent_id: tag("ai.operation.parentId"),
        role: tag("ai.cloud.role"),
        role_instance: tag("ai.cloud.roleInstance"),
        duration: parse_duration(kind, base)?,
        success: base.get("success").and_then(Value::as_bool),
        code: string(base, "responseCode").or(string(base, "resultCode")).map(str::to_owned),
        sample_rate: parse_sample_rate(envelope)?,
        url: string(base, "url").map(str::to_owned),
        raw: text.to_owned(),
    })
}

fn parse_time(envelope: &Map<String, Value>, now: i64) -> Result<i64, String> {
    let text = string(envelope, "time").ok_or("102: Field 'time' on type 'Envelope' is required but missing.")?;
    let time = time::parse_time(text).ok_or("101: Field 'time' on type 'Envelope' is not a date.")?;
    if time < now - MAX_AGE {
        return Err("103: Field 'time' on type 'Envelope' is older than the allowed min date.".to_owned());
    }
    if time > now + MAX_AHEAD {
        return Err("103: Field 'time' on type 'Envelope' is later than the allowed max date.".to_owned());
    }
    Ok(time)
}

fn parse_sample_rate(envelope: &Map<String, Value>) -> Result<f64, String> {
    match envelope.get("sampleRate") {
        None | Some(Value::Null) => Ok(100.0),
        Some(rate) => rate
            .as_f64()
            .filter(|rate| *rate > 0.0 && *rate <= 100.0)
            .ok_or_else(|| "101: Field 'sampleRate' on type 'Envelope' is not between 0 and 100.".to_owned()),
    }
}

fn required_id(kind: ItemKind, base: &Map<String, Value>) -> Result<Option<String>, String> {
    match string(base, "id") {
        None | Some("") if kind == ItemKind::Request => {
            Err("102: Field 'id' on type 'RequestData' is required but missing or empty.".to_owned())
        }
        id => Ok(id.map(str::to_owned)),
    }
}

fn parse_duration(kind: ItemKind, base: &Map<String, Value>) -> Result<Option<i64>, String> {
    match string(base, "duration") {
        Some(text) => {
            let micros =
                time::parse_duration(text).ok_or("101: Field 'duration' is not a time span below 1000 days.")?;
            Ok(Some(micros))
        }
        None if kind == ItemKind::Request => {
            Err("102: Field 'duration' on type 'RequestData' is required but missing.".to_owned())
        }
        None => Ok(None),
    }
}

fn string<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn object<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    object.get(name).and_then(Value::as_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_709_618_828_123_456;

    fn request(change: impl FnOnce(&mut Value)) -> Result<NewItem, String> {
        let mut envelope = serde_json::json!({
            "name": "Microsoft.ApplicationInsights.Request", "time": "2024-03-05T06:07:08.123456Z", "iKey": "k",
            "sampleRate": 25, "tags": {"ai.operation.id": "t", "ai.cloud.role": "shop"},
            "data": {"baseType": "RequestData", "baseData": {
                "ver": 2, "id": "s", "name": "GET /", "duration": "0.00:00:01.5", "responseCode": "200", "success": true
            }}
        });
        change(&mut envelope);
        parse(&envelope.to_string(), NOW)
    }

    #[test]
    fn request_is_parsed() {
        let item = request(|_| {}).unwrap();
        assert_eq!((item.kind, item.time, item.duration), (ItemKind::Request, NOW, Some(1_500_000)));
        assert_eq!((item.name.as_str(), item.code.as_deref(), item.success), ("GET /", Some("200"), Some(true)));
        assert_eq!((item.sample_rate, item.role.as_deref()), (25.0, Some("shop")));
    }

    #[test]
    fn type_ignores_letter_case() {
        let item = request(|envelope| envelope["data"]["baseType"] = "PageviewData".into()).unwrap();
        assert_eq!(item.kind, ItemKind::PageView);
    }

    #[test]
    fn invalid_items_are_refused_with_a_reason() {
        let refused = [
            request(|envelope| envelope["iKey"] = "".into()),
            request(|envelope| envelope["time"] = "2024-03-03T06:07:08Z".into()),
            request(|envelope| envelope["time"] = "2024-03-05T08:07:09Z".into()),
            request(|envelope| envelope["time"] = "yesterday".into()),
            request(|envelope| envelope["sampleRate"] = 0.into()),
            request(|envelope| envelope["data"]["baseType"] = "Unknown".into()),
            request(|envelope| envelope["data"]["baseData"]["id"] = Value::Null),
            request(|envelope| envelope["data"]["baseData"]["duration"] = "1000.00:00:00.000".into()),
            parse("[]", NOW),
            parse("{", NOW),
        ];
        for (at, result) in refused.into_iter().enumerate() {
            let message = result.err().unwrap_or_else(|| panic!("{at} was accepted"));
            assert!(message.starts_with("10"), "{message}");
        }
    }
}
