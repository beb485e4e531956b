//! Metrics as gauges, and aggregated ones as summaries.

use serde_json::{Value, json};

use crate::store::Item;
use crate::transfer::otlp_json::attributes::{Attributes, nanos};

pub(super) fn metric(item: &Item) -> Value {
    let envelope = item.envelope();
    let data = &envelope["data"]["baseData"]["metrics"][0];
    let value = item.value.unwrap_or(0.0);
    let attributes = Value::from(Attributes::of(item));
    match data["count"].as_u64().filter(|count| *count > 1) {
        Some(count) => {
            let quantile =
                |at: f64, name: &str| data[name].as_f64().map(|value| json!({"quantile": at, "value": value}));
            let quantiles: Vec<_> = [quantile(0.0, "min"), quantile(1.0, "max")].into_iter().flatten().collect();
            let point = json!({
                "timeUnixNano": nanos(item.time), "count": count.to_string(), "sum": value, "quantileValues": quantiles,
                "attributes": attributes,
            });
            json!({"name": item.name, "summary": {"dataPoints": [point]}})
        }
        None => {
            let point = json!({"timeUnixNano": nanos(item.time), "asDouble": value, "attributes": attributes});
            json!({"name": item.name, "gauge": {"dataPoints": [point]}})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_value_is_a_gauge_and_an_aggregate_a_summary() {
        let item = |data: Value| Item {
            name: "queue".into(),
            value: data["value"].as_f64(),
            raw: json!({"data": {"baseData": {"metrics": [data]}}}).to_string(),
            ..Item::at(7)
        };
        let gauge = metric(&item(json!({"value": 2.5, "count": 1})));
        assert_eq!(gauge["gauge"]["dataPoints"][0]["asDouble"], 2.5);
        let summary = metric(&item(json!({"value": 9, "count": 3, "min": 1, "max": 5})));
        let point = &summary["summary"]["dataPoints"][0];
        assert_eq!((&point["count"], &point["sum"]), (&json!("3"), &json!(9.0)));
        let quantiles = json!([{"quantile": 0.0, "value": 1.0}, {"quantile": 1.0, "value": 5.0}]);
        assert_eq!(point["quantileValues"], quantiles);
    }
}
