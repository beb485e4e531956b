//! The telemetry of a shop of three services, and of the browsers that visit it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_support::random::Random;

use crate::clock::now;

const OPERATIONS: [&str; 8] = [
    "GET /chairs",
    "GET /chairs/{id}",
    "GET /tables",
    "GET /tables/{id}",
    "POST /orders",
    "GET /orders/{id}",
    "GET /search",
    "POST /login",
];

/// Makes items, a transaction at a time.
pub(crate) struct Shop {
    random: Random,
    ready: Vec<Value>,
    made: BTreeMap<&'static str, u64>,
}

/// One visit of a browser: ids of its spans, and how it goes.
struct Visit {
    operation: &'static str,
    trace: String,
    fetch: String,
    request: String,
    call: String,
    stock: String,
    millis: usize,
    is_failed: bool,
}

/// The span that an item belongs to.
struct Span<'a> {
    visit: &'a Visit,
    parent: &'a str,
    role: &'static str,
}

impl Shop {
    pub(crate) fn new(random: Random) -> Self {
        Self { random, ready: Vec::new(), made: BTreeMap::new() }
    }

    /// The next items.
    pub(crate) fn items(&mut self, count: usize) -> Vec<Value> {
        while self.ready.len() < count {
            self.transaction();
        }
        self.ready.drain(..count).collect()
    }

    /// How many items of each kind were made, apart from those that are not taken yet.
    pub(crate) fn made(mut self) -> Vec<(&'static str, u64)> {
        for item in &self.ready {
            let base_type = item["data"]["baseType"].as_str().unwrap_or_default();
            if let Some(count) =
                KINDS.iter().find(|(_, name)| *name == base_type).and_then(|(kind, _)| self.made.get_mut(kind))
            {
                *count -= 1;
            }
        }
        self.made.into_iter().collect()
    }

    /// A page view, its call, the shop's request, calls of it, the request of another service, and log records.
    fn transaction(&mut self) {
        let [trace, fetch, request, call, stock] = std::array::from_fn(|_| self.id());
        let visit = Visit {
            operation: OPERATIONS[self.random.below(OPERATIONS.len())],
            trace: format!("{trace}{fetch}"),
            fetch,
            request,
            call,
            stock,
            millis: 2 + self.random.below(40) * self.random.below(40),
            is_failed: self.random.below(25) == 0,
        };
        if self.random.below(4) == 0 {
            self.browser(&visit);
        }
        self.shop(&visit);
        self.stock(&visit);
    }

    fn browser(&mut self, visit: &Visit) {
        let span = Span { visit, parent: &visit.trace, role: "browser" };
        let view = json!({"id": visit.trace, "name": visit.operation, "url": "http://shop.example/"});
        self.push("page_view", &span, view);
        let fetch = visit.call(&visit.fetch, "shop.example", visit.operation, visit.millis + 20);
        self.push("dependency", &span, fetch);
    }

    fn shop(&mut self, visit: &Visit) {
        let mut request = visit.request(&visit.request, visit.operation, visit.millis);
        request["url"] = format!("http://shop.example/{}", self.random.below(500)).into();
        self.push("request", &Span { visit, parent: &visit.fetch, role: "shop" }, request);
        let span = Span { visit, parent: &visit.request, role: "shop" };
        self.push("dependency", &span, visit.call(&visit.call, "stock.example", "GET /stock", visit.millis / 2));
        let mut query = visit.call(&self.id(), "db.example", "SELECT chairs", visit.millis / 5);
        query["type"] = "SQL".into();
        query["data"] = "SELECT * FROM chairs WHERE id = ?".into();
        self.push("dependency", &span, query);
        self.occasional(&span);
    }

    fn stock(&mut self, visit: &Visit) {
        let request = visit.request(&visit.stock, "GET /stock", visit.millis / 3);
        self.push("request", &Span { visit, parent: &visit.call, role: "stock" }, request);
        let span = Span { visit, parent: &visit.stock, role: "stock" };
        for _ in 0..1 + self.random.below(3) {
            let message = format!("{} chairs in warehouse {}", self.random.below(100), self.random.below(9));
            self.push("trace", &span, json!({"message": message, "severityLevel": 1}));
        }
        if visit.is_failed {
            let error = exception(self.random.below(6));
            self.push("exception", &span, error);
        }
    }

    fn id(&mut self) -> String {
        format!("{:016x}", self.random.next())
    }

    fn occasional(&mut self, span: &Span<'_>) {
        if self.random.below(5) == 0 {
            self.push("event", span, json!({"name": "order placed", "measurements": {"price": 9.5}}));
        }
        if self.random.below(5) == 0 {
            let value = self.random.below(100);
            self.push("metric", span, json!({"metrics": [{"name": "queue", "value": value, "count": 1}]}));
        }
        if self.random.below(50) == 0 {
            let success = self.random.below(10) > 0;
            let test = json!({"id": span.parent, "name": "front page", "duration": duration(80), "success": success,
                "runLocation": *self.random.pick(&["Oslo", "Lima", "Perth"])});
            self.push("availability", span, test);
        }
    }

    fn push(&mut self, kind: &'static str, span: &Span<'_>, mut base: Value) {
        base["ver"] = 2.into();
        base["properties"] =
            json!({"tenant": format!("tenant-{}", self.random.below(20)), "release": "1.4.2", "region": "north"});
        let base_type = KINDS.iter().find(|(other, _)| *other == kind).map_or("", |(_, name)| name);
        *self.made.entry(kind).or_default() += 1;
        self.ready.push(json!({
            "name": format!("Microsoft.ApplicationInsights.{}", base_type.trim_end_matches("Data")),
            "time": now(),
            "iKey": "00000000-0000-4000-8000-000000000001",
            "tags": {
                "ai.cloud.role": span.role,
                "ai.cloud.roleInstance": "host-1",
                "ai.operation.id": span.visit.trace,
                "ai.operation.name": span.visit.operation,
                "ai.operation.parentId": span.parent,
                "ai.internal.sdkVersion": "load:1.0.0",
            },
            "data": {"baseType": base_type, "baseData": base},
        }));
    }
}

/// Kinds as in the portal's API, and their types.
const KINDS: [(&str, &str); 8] = [
    ("availability", "AvailabilityData"),
    ("dependency", "RemoteDependencyData"),
    ("event", "EventData"),
    ("exception", "ExceptionData"),
    ("metric", "MetricData"),
    ("page_view", "PageViewData"),
    ("request", "RequestData"),
    ("trace", "MessageData"),
];

impl Visit {
    fn call(&self, id: &str, target: &str, name: &str, millis: usize) -> Value {
        json!({"id": id, "name": name, "type": "Http", "target": target, "data": format!("http://{target}/"),
            "duration": duration(millis), "resultCode": self.code(), "success": !self.is_failed})
    }

    fn request(&self, id: &str, name: &str, millis: usize) -> Value {
        json!({"id": id, "name": name, "duration": duration(millis), "responseCode": self.code(),
            "success": !self.is_failed})
    }

    fn code(&self) -> &'static str {
        if self.is_failed { "500" } else { "200" }
    }
}

fn exception(number: usize) -> Value {
    let frames: Vec<_> = (0..6)
        .map(|level| json!({"level": level, "method": format!("shop::stock::step_{level}"), "fileName": "src/stock.rs", "line": 10 + level}))
        .collect();
    json!({"severityLevel": 3, "exceptions": [{"id": 1, "typeName": format!("StockError{number}"), "message": "no chair is left",
        "hasFullStack": true, "parsedStack": frames}]})
}

fn duration(millis: usize) -> String {
    format!("0.00:00:{:02}.{:03}000", millis / 1000 % 60, millis % 1000)
}
