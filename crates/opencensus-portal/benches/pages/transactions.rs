//! Transactions over three roles, with failures, sampled items and tests.

use serde_json::{Value, json};

/// The items of a transaction.
const ITEMS: usize = 10;

/// The items of one post. All posts are within an hour of the day.
pub(crate) fn body(batch: usize, batches: usize, day: &str) -> String {
    let transactions = crate::BATCH / ITEMS;
    let all = (batches * transactions) as u64;
    let items = (batch * transactions..(batch + 1) * transactions).flat_map(|number| {
        let second = number as u64 * 3600 / all;
        let time = format!("{day}T00:{:02}:{:02}.{:06}Z", second / 60, second % 60, number * 7919 % 1_000_000);
        transaction(number, &time)
    });
    Value::from(items.collect::<Vec<_>>()).to_string()
}

/// The ten items of a transaction over three roles.
fn transaction(number: usize, time: &str) -> Vec<Value> {
    let base = json!({"name": "Microsoft.ApplicationInsights.Item", "time": time, "iKey": "any"});
    let operation = format!("{number:032x}");
    let is_failed = number.is_multiple_of(50);
    let item = |role: &str, id: usize, parent: usize, kind: &str, data: Value| {
        let mut item = base.clone();
        item["sampleRate"] = if number.is_multiple_of(3) { 25.0 } else { 100.0 }.into();
        item["tags"] = json!({
            "ai.operation.id": operation, "ai.operation.parentId": format!("{parent:016x}"), "ai.cloud.role": role,
            "ai.cloud.roleInstance": format!("{role}-{}", number % 3), "ai.internal.sdkVersion": "rust-opencensus:0.1.0",
            "ai.operation.name": "POST /buy/{item}",
        });
        item["data"] = json!({"baseType": kind, "baseData": data});
        item["data"]["baseData"]["id"] = format!("{id:016x}").into();
        item["data"]["baseData"]["properties"] = json!({"tenant": format!("t{}", number % 40), "basket": "3"});
        item
    };
    let duration = |share: usize| format!("00:00:00.{:06}", (number * 7919 % 300_000 + 1000) / share);
    let request = |name: &str, share| {
        json!({"name": name, "duration": duration(share), "success": !is_failed,
            "responseCode": if is_failed { "500" } else { "200" }, "url": format!("http://shop.example/{number}")})
    };
    let call = |kind: &str, target: &str, share| {
        json!({"name": format!("call {target}"), "duration": duration(share), "success": !is_failed, "type": kind,
            "target": target, "resultCode": "200", "data": format!("http://{target}/{number}")})
    };
    let log = |text: &str| json!({"message": format!("{text} {number}"), "severityLevel": "Information"});
    let id = number * 16;
    let (kind, data) = last(number, &duration(2));
    vec![
        item("front", id + 1, 0, "RequestData", request(&format!("POST /buy/{}", number % 25), 1)),
        item("front", id + 2, id + 1, "RemoteDependencyData", call("HTTP", "orders:80", 2)),
        item("orders", id + 3, id + 2, "RequestData", request("POST /orders/{item}", 3)),
        item("orders", id + 4, id + 3, "RemoteDependencyData", call("SQL", "orders | main", 9)),
        item("orders", id + 5, id + 3, "RemoteDependencyData", call("HTTP", "stock:80", 4)),
        item("stock", id + 6, id + 5, "RequestData", request("GET /stock/{item}", 5)),
        item("stock", id + 7, id + 6, "MessageData", log("in stock")),
        item("orders", id + 8, id + 3, "MessageData", log("ordered")),
        item("front", id + 10, id + 1, "MessageData", log("bought")),
        item("stock", id + 9, id + 6, kind, data),
    ]
}

/// The kind and the data of the last item: an exception in a transaction that failed.
fn last(number: usize, duration: &str) -> (&'static str, Value) {
    if number.is_multiple_of(50) {
        return ("ExceptionData", json!({"exceptions": [{"typeName": "shop::Error", "message": "m"}]}));
    }
    let success = !number.is_multiple_of(9);
    let (name, place) = (format!("test {}", number % 5), format!("place {}", number % 4));
    ("AvailabilityData", json!({"name": name, "duration": duration, "success": success, "runLocation": place}))
}
