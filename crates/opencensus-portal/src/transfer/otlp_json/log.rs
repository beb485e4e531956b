//! Log records, exceptions, events, page views and availability tests as log records.

use serde_json::{Value, json};

use crate::store::{Item, ItemKind};
use crate::transfer::otlp_json::attributes::{Attributes, nanos};
use crate::transfer::otlp_json::identifier::identifier;

pub(super) fn log(item: &Item) -> Value {
    let mut record = json!({
        "timeUnixNano": nanos(item.time),
        "observedTimeUnixNano": nanos(item.received),
        "body": {"stringValue": item.message.as_deref().unwrap_or(&item.name)},
        "attributes": Value::from(attributes(item)),
        "traceId": identifier(item.operation_id.as_deref(), 32),
        "spanId": identifier(item.parent_id.as_deref(), 16),
    });
    if let Some((number, text)) = severity(item) {
        record["severityNumber"] = number.into();
        record["severityText"] = text.into();
    }
    if !matches!(item.kind, ItemKind::Trace | ItemKind::Exception) {
        record["eventName"] = item.name.as_str().into();
    }
    record
}

fn attributes(item: &Item) -> Attributes {
    let mut attributes = Attributes::of(item);
    match item.kind {
        ItemKind::Trace => {}
        ItemKind::Exception => {
            attributes.text("exception.type", Some(&item.name));
            attributes.text("exception.message", item.message.as_deref());
            let envelope = item.envelope();
            attributes.text("exception.stacktrace", envelope["data"]["baseData"]["exceptions"][0]["stack"].as_str());
        }
        // The names under which exporters for Application Insights read events and availability tests.
        ItemKind::Event => attributes.text("microsoft.custom_event.name", Some(&item.name)),
        ItemKind::Availability => availability(item, &mut attributes),
        kind => {
            attributes.text("microsoft.item_kind", Some(kind.as_str()));
            attributes.text("url.full", item.url.as_deref());
            attributes.number("duration_us", item.duration);
        }
    }
    attributes
}

fn availability(item: &Item, attributes: &mut Attributes) {
    let envelope = item.envelope();
    for field in ["id", "name", "duration", "runLocation", "message"] {
        let key = format!("microsoft.availability.{field}");
        attributes.text(&key, envelope["data"]["baseData"][field].as_str());
    }
    let success = item.success.map(|success| if success { "True" } else { "False" });
    attributes.text("microsoft.availability.success", success);
}

/// The number and text of the severity, which exceptions have without one.
fn severity(item: &Item) -> Option<(u8, &str)> {
    let text = item.severity.as_deref().or((item.kind == ItemKind::Exception).then_some("Error"))?;
    let numbers = [("verbose", 5), ("information", 9), ("warning", 13), ("error", 17), ("critical", 21)];
    let number = numbers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    Some((number.map_or(0, |(_, number)| number), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_severity_place_and_the_exception() {
        let item = Item {
            kind: ItemKind::Exception,
            name: "shop::Error".into(),
            message: Some("no stock".into()),
            operation_id: Some("ab".repeat(16)),
            parent_id: Some("cd".repeat(8)),
            ..Item::at(7)
        };
        let record = log(&item);
        assert_eq!((&record["severityNumber"], &record["body"]), (&json!(17), &json!({"stringValue": "no stock"})));
        assert_eq!((&record["spanId"], &record["timeUnixNano"]), (&json!("cd".repeat(8)), &json!("7000")));
        assert_eq!(record["attributes"][0], json!({"key": "exception.type", "value": {"stringValue": "shop::Error"}}));
        let event = log(&Item { kind: ItemKind::Event, name: "sold".into(), ..Item::at(7) });
        assert_eq!((&event["eventName"], &event["severityNumber"]), (&json!("sold"), &Value::Null));
    }
}
