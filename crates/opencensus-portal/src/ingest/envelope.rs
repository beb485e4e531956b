//! Parses the envelope of an item, and validates it by the rules of Application Insights.

use serde_json::{Map, Value};

use crate::ingest::check::check;
use crate::ingest::cut::{Cut, cut_properties};
use crate::ingest::defect::Defect;
use crate::ingest::problem::problem_id;
use crate::ingest::properties::convert_to_text;
use crate::ingest::rules::{MAX_AGE, MAX_AHEAD, MAX_ITEM, MIN_SAMPLE_RATE};
use crate::ingest::time;
use crate::ingest::title::title;
use crate::store::{ItemKind, NewItem, NewRefusal};

/// Parses an item that arrives at `now`, in microseconds since 1970.
///
/// # Errors
///
/// The reason for the refusal.
pub(crate) fn parse(text: &[u8], now: i64) -> Result<NewItem, Defect> {
    if text.len() > MAX_ITEM {
        let reason = format!("the item is larger than 65536 bytes. Actual: {}", text.len());
        return Err(Defect::new("100", reason));
    }
    let text = std::str::from_utf8(text).map_err(|_| Defect::new("100", "not UTF-8"))?;
    let not_json = |error| Defect::new("100", format!("not JSON: {error}"));
    let mut envelope: Value = serde_json::from_str(text).map_err(not_json)?;
    let fields = envelope.as_object().ok_or_else(|| Defect::new("100", "an envelope is an object"))?;
    check("Envelope", fields)?;
    check_age(fields, now)?;
    let empty = Map::new();
    let tags = object(fields, "tags").unwrap_or(&empty);
    check("ContextTagKeys", tags)?;
    let (kind, base) = data(fields)?;
    check(kind.schema_type(), base)?;
    let item = NewItem { received: now, sample_rate: sample_rate(fields)?, ..item(kind, fields, tags, base) };
    let (is_changed, cuts) = change(kind, &mut envelope);
    let cuts = cuts.into_iter().map(|cut| refused_text(&item, cut, text)).collect();
    let raw = if is_changed { envelope.to_string() } else { text.to_owned() };
    Ok(NewItem { raw, cuts, ..item })
}

/// The item without the fields that do not come from a field of the envelope.
fn item(
    kind: ItemKind,
    envelope: &Map<String, Value>,
    tags: &Map<String, Value>,
    base: &Map<String, Value>,
) -> NewItem {
    let tag = |name| string(tags, name).map(str::to_owned);
    NewItem {
        kind,
        time: string(envelope, "time").and_then(time::parse_time).unwrap_or_default(),
        name: title(base).to_owned(),
        item_id: string(base, "id").map(str::to_owned),
        operation_id: tag("ai.operation.id"),
        operation_name: tag("ai.operation.name"),
        parent_id: tag("ai.operation.parentId"),
        role: tag("ai.cloud.role"),
        role_instance: tag("ai.cloud.roleInstance"),
        duration: base.get("duration").filter(|value| has_duration(kind, value)).and_then(time::duration_of),
        success: base.get("success").and_then(Value::as_bool),
        code: string(base, "responseCode").or(string(base, "resultCode")).map(str::to_owned),
        url: string(base, "url").map(str::to_owned),
        target: string(base, "target").map(str::to_owned),
        dependency_type: string(base, "type").map(str::to_owned),
        severity: base.get("severityLevel").and_then(severity),
        problem_id: problem_id(base),
        user_id: tag("ai.user.authUserId").or_else(|| tag("ai.user.id")),
        location: string(base, "runLocation").map(str::to_owned),
        sdk: tag("ai.internal.sdkVersion"),
        ..NewItem::default()
    }
}

/// A number is a duration only of a page view; in a metric, for instance, it means something else.
fn has_duration(kind: ItemKind, value: &Value) -> bool {
    value.is_string() || matches!(kind, ItemKind::PageView | ItemKind::PageViewPerformance)
}

/// SDKs write the number of the level, or its name.
fn severity(level: &Value) -> Option<i64> {
    const LEVELS: [&str; 5] = ["Verbose", "Information", "Warning", "Error", "Critical"];
    let named = |name: &str| LEVELS.iter().position(|level| level.eq_ignore_ascii_case(name)).map(|at| at as i64);
    level.as_i64().filter(|level| (0..5).contains(level)).or_else(|| level.as_str().and_then(named))
}

fn data(envelope: &Map<String, Value>) -> Result<(ItemKind, &Map<String, Value>), Defect> {
    let missing = |field, on| Defect::of_field("109", on, field, "required but missing or empty. Expected: object");
    let unknown = |name: &str| format!("Unknown type '{}'", name.chars().take(64).collect::<String>());
    let data = object(envelope, "data").ok_or_else(|| missing("data", "Envelope"))?;
    let base_type = string(data, "baseType").ok_or_else(|| missing("baseType", "Data"))?;
    let kind = ItemKind::from_base_type(base_type).ok_or_else(|| Defect::new("109", unknown(base_type)))?;
    let base = object(data, "baseData").ok_or_else(|| missing("baseData", "Data"))?;
    Ok((kind, base))
}

fn check_age(envelope: &Map<String, Value>, now: i64) -> Result<(), Defect> {
    let age = string(envelope, "time").and_then(time::parse_time).map_or(0, |time| now - time);
    let reason = if age > MAX_AGE {
        let (limit, age) = (MAX_AGE / 1000, age / 1000);
        format!("older than the allowed min date. Expected: now - {limit}ms, Actual: now - {age}ms")
    } else if age < -MAX_AHEAD {
        let (limit, ahead) = (MAX_AHEAD / 1000, -age / 1000);
        format!("later than the allowed max date. Expected: now + {limit}ms, Actual: now + {ahead}ms")
    } else {
        return Ok(());
    };
    Err(Defect::of_field("103", "Envelope", "time", &reason))
}

fn sample_rate(envelope: &Map<String, Value>) -> Result<f64, Defect> {
    let rate = envelope.get("sampleRate").and_then(Value::as_f64).unwrap_or(100.0);
    if (MIN_SAMPLE_RATE..=100.0).contains(&rate) {
        return Ok(rate);
    }
    Err(Defect::of_field("101", "Envelope", "sampleRate", &format!("not between {MIN_SAMPLE_RATE} and 100")))
}

/// Changes the properties as the service does. Returns whether any was changed, and what was cut.
fn change(kind: ItemKind, envelope: &mut Value) -> (bool, Vec<Cut>) {
    let base = envelope.pointer_mut("/data/baseData").and_then(Value::as_object_mut);
    let Some(base) = base else { return (false, Vec::new()) };
    let is_converted = convert_to_text(base);
    let cuts = cut_properties(kind.schema_type(), base);
    (is_converted || !cuts.is_empty(), cuts)
}

fn refused_text(item: &NewItem, cut: Cut, raw: &str) -> NewRefusal {
    NewRefusal {
        received: item.received,
        client: item.sdk.clone(),
        role: item.role.clone(),
        kind: Some(item.kind.as_str().to_owned()),
        rule: "cut".to_owned(),
        field: Some(cut.field),
        reason: cut.reason,
        raw: raw.to_owned(),
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

    fn request(change: impl FnOnce(&mut Value)) -> Result<NewItem, Defect> {
        let mut envelope = serde_json::json!({
            "name": "Microsoft.ApplicationInsights.Request", "time": "2024-03-05T06:07:08.123456Z", "iKey": "k",
            "sampleRate": 25, "tags": {"ai.operation.id": "t", "ai.cloud.role": "shop"},
            "data": {"baseType": "RequestData", "baseData": {
                "ver": 2, "id": "s", "name": "GET /", "duration": "0.00:00:01.5", "responseCode": "200", "success": true
            }}
        });
        change(&mut envelope);
        parse(envelope.to_string().as_bytes(), NOW)
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
            parse(b"[]", NOW),
            parse(b"{", NOW),
            parse(b"{\"iKey\":\"\xFF\"}", NOW),
            request(|envelope| envelope["sampleRate"] = 1e-300.into()),
            request(|envelope| envelope["tags"]["ai.operation.id"] = "x".repeat(129).into()),
            request(|envelope| envelope["tags"]["own"] = "x".repeat(65_536).into()),
        ];
        for (at, result) in refused.into_iter().enumerate() {
            let message = result.err().unwrap_or_else(|| panic!("{at} was accepted")).to_string();
            assert!(message.starts_with("10"), "{message}");
        }
    }
}
