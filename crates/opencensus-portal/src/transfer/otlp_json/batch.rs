//! Groups items by signal and resource.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::store::{Item, ItemKind};
use crate::transfer::otlp_json::attributes::Attributes;
use crate::transfer::otlp_json::log::log;
use crate::transfer::otlp_json::metric::metric;
use crate::transfer::otlp_json::span::span;

/// The records of each resource, by the name of the service and of its instance.
type Resources<'a> = BTreeMap<(Option<&'a str>, Option<&'a str>), Vec<Value>>;

/// A line for the spans, one for the log records and one for the metrics among the items.
pub(in crate::transfer) fn lines(items: &[Item]) -> String {
    let (mut spans, mut logs, mut metrics) = (Resources::new(), Resources::new(), Resources::new());
    for item in items {
        let (resources, record) = match item.kind {
            // OTLP has no spans without ids.
            ItemKind::Request | ItemKind::Dependency if item.operation_id.is_some() && item.item_id.is_some() => {
                (&mut spans, span(item))
            }
            ItemKind::Metric => (&mut metrics, metric(item)),
            _ => (&mut logs, log(item)),
        };
        resources.entry((item.role.as_deref(), item.role_instance.as_deref())).or_default().push(record);
    }
    let lines = [
        line(spans, ["resourceSpans", "scopeSpans", "spans"]),
        line(logs, ["resourceLogs", "scopeLogs", "logRecords"]),
        line(metrics, ["resourceMetrics", "scopeMetrics", "metrics"]),
    ];
    lines.into_iter().flatten().collect()
}

fn line(resources: Resources<'_>, [outer, inner, records]: [&str; 3]) -> Option<String> {
    let list = resources.into_iter().map(|((role, instance), list)| {
        let mut attributes = Attributes::default();
        attributes.text("service.name", role);
        attributes.text("service.instance.id", instance);
        json!({
            "resource": {"attributes": Value::from(attributes)},
            inner: [{"scope": {"name": "opencensus-portal"}, records: list}],
        })
    });
    let list: Vec<_> = list.collect();
    (!list.is_empty()).then(|| json!({outer: list}).to_string() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_grouped_by_signal_and_service() {
        let request = |role: &str| Item {
            role: Some(role.into()),
            operation_id: Some("t".into()),
            item_id: Some("s".into()),
            ..Item::at(1)
        };
        let event = Item { kind: ItemKind::Event, name: "e".into(), ..Item::at(2) };
        let metric = Item { kind: ItemKind::Metric, name: "m".into(), ..Item::at(3) };
        let text = lines(&[request("b"), metric, request("a"), event, request("b"), Item::at(4)]);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let spans = &lines[0]["resourceSpans"];
        let service = |at: usize| &spans[at]["resource"]["attributes"][0]["value"]["stringValue"];
        assert_eq!((service(0), service(1)), (&json!("a"), &json!("b")));
        assert_eq!(spans[1]["scopeSpans"][0]["spans"].as_array().unwrap().len(), 2);
        let records = &lines[1]["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
        assert_eq!(records.as_array().unwrap().len(), 2, "a request without ids is a log record");
        assert_eq!(lines[2]["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["name"], "m");
        assert_eq!(super::lines(&[]), "");
    }
}
