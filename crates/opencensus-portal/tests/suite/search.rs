//! The search page: the language of its box, the counts, the links that it offers, and its pages of rows.

use opencensus_portal::Portal;
use serde_json::{Value, json};

use crate::support::{envelope, get, post};

async fn send(portal: &Portal, items: Vec<Value>) {
    assert_eq!(post(portal, "/v2.1/track", "", Value::from(items).to_string().as_bytes()).await.0, 200);
}

/// An envelope with this base data and a role.
fn item(base_type: &str, base: Value, role: &str) -> Value {
    let mut item = envelope("");
    item["data"] = json!({"baseType": base_type, "baseData": base});
    item["tags"]["ai.cloud.role"] = role.into();
    item
}

fn request(name: &str, code: &str, role: &str, properties: Value) -> Value {
    let base = json!({"ver": 2, "id": "s", "name": name, "duration": "00:00:00.3", "responseCode": code,
        "success": code < "400", "properties": properties});
    item("RequestData", base, role)
}

/// One item of each kind.
fn kinds() -> Vec<Value> {
    vec![
        request("GET /oak", "200", "shop", json!({})),
        item(
            "RemoteDependencyData",
            json!({"name": "SELECT", "duration": "0:0:0.2", "type": "SQL", "target": "db"}),
            "shop",
        ),
        item("MessageData", json!({"message": "low stock", "severityLevel": "Warning"}), "shop"),
        item("ExceptionData", json!({"exceptions": [{"typeName": "OutOfStock", "message": "no oak"}]}), "shop"),
        item("EventData", json!({"name": "signed up"}), "shop"),
        item("MetricData", json!({"metrics": [{"name": "queue", "value": 3}]}), "shop"),
        item("AvailabilityData", json!({"id": "a", "name": "home", "duration": "0:0:1", "success": false}), "shop"),
        item("PageViewData", json!({"name": "Start", "id": "p"}), "shop"),
        item("PageViewPerformanceData", json!({"name": "Start", "id": "p"}), "shop"),
        item("MetricData", json!({"metrics": [{"name": "_OTELRESOURCE_", "value": 0}]}), "shop"),
    ]
}

/// The number before "item" or "items".
fn total(page: &str) -> u64 {
    let text = page.split("class=\"total\">").nth(1).unwrap_or_else(|| panic!("{page}"));
    text.split(' ').next().unwrap().replace(',', "").parse().unwrap()
}

/// What follows each occurrence of `start`, up to `end`.
fn all<'a>(page: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    page.split(start).skip(1).map(|rest| rest.split(end).next().unwrap_or_default()).collect()
}

fn unescape(link: &str) -> String {
    link.replace("&amp;", "&")
}

fn ids(page: &str) -> Vec<i64> {
    all(page, "data-id=\"", "\"").into_iter().map(|id| id.parse().unwrap()).collect()
}

#[tokio::test]
async fn every_kind_has_a_row_and_a_chip_that_selects_it() {
    let portal = Portal::start().unwrap();
    send(&portal, kinds()).await;
    let page = get(&portal, "/search").await;
    // The metric that describes the resource is hidden.
    assert_eq!((total(&page), ids(&page)), (9, (1..10).rev().collect()));
    for text in ["GET /oak", "SELECT", "low stock", "OutOfStock", "no oak", "signed up", "home", "Start", "✗ failed"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(all(&page, "data-failed", ">").len(), 2);
    let chips = page.split("class=\"chips\"").nth(1).unwrap().split("</nav>").next().unwrap();
    let links: Vec<_> = all(chips, "href=\"", "\"").into_iter().map(unescape).collect();
    assert_eq!(links.len(), 11);
    for (at, link) in links[1..10].iter().enumerate() {
        let one = get(&portal, link).await;
        assert_eq!((total(&one), ids(&one)), (1, vec![at as i64 + 1]), "{link}");
        // A second kind is added, and the same link takes a kind out.
        let chips = one.split("class=\"chips\"").nth(1).unwrap().split("</nav>").next().unwrap();
        let next = unescape(all(chips, "href=\"", "\"")[(at + 1) % 9 + 1]);
        assert_eq!(total(&get(&portal, &next).await), 2, "{next}");
        let same = unescape(all(chips, "href=\"", "\"")[at + 1]);
        assert_eq!(total(&get(&portal, &same).await), 9, "{same}");
    }
    assert_eq!(total(&get(&portal, &links[10]).await), 2);
    assert_eq!(total(&get(&portal, "/search?q=name:_OTELRESOURCE_").await), 1);
}

#[tokio::test]
async fn every_facet_value_can_be_included_and_excluded_and_taken_out_again() {
    let portal = Portal::start().unwrap();
    let mut items = kinds();
    items.pop();
    for (at, code) in ["200", "404", "404", "503"].into_iter().enumerate() {
        let tenant = if at % 2 == 0 { "acme" } else { "a \"b\", c\\*" };
        let properties = json!({"tenant": tenant, "status": "x", "the key": at.to_string()});
        items.push(request("GET /x", code, ["shop", "café & co"][at % 2], properties));
    }
    let all_items = items.len() as u64;
    send(&portal, items).await;
    let page = get(&portal, "/search").await;
    let titles = all(&page, "<h3>", "</h3>");
    for title in ["Operation", "Result", "Role", "Severity", "Dependency type", "Target", "tenant", "status", "the key"]
    {
        assert!(titles.contains(&title), "{title}: {titles:?}");
    }
    let values = all(&page, "class=\"include\" href=\"", "</li>");
    assert!(values.len() >= 15, "{}", values.len());
    for value in values {
        let include = unescape(value.split('"').next().unwrap());
        let count: u64 = all(value, "class=\"count\">", "<")[0].parse().unwrap();
        let exclude = unescape(all(value, "class=\"exclude\" href=\"", "\"")[0]);
        let included = get(&portal, &include).await;
        assert!(total(&included) == count && !included.contains("id=\"hints\""), "{include}: {count}");
        let excluded = get(&portal, &exclude).await;
        assert!(total(&excluded) == all_items - count && !excluded.contains("id=\"hints\""), "{exclude}: {count}");
        // The value is marked, and its link takes the term out.
        let back = all(&included, "class=\"include\" href=\"", "\" aria-current=\"true\"");
        let back = back.iter().map(|link| link.rsplit("class=\"include\" href=\"").next().unwrap());
        let back: Vec<_> = back.map(|link| unescape(link.rsplit("href=\"").next().unwrap())).collect();
        assert!(back.contains(&"/search".to_owned()), "{include}: {back:?}");
    }
}

#[tokio::test]
async fn word_that_cannot_be_understood_is_named_and_the_rest_applies() {
    let portal = Portal::start().unwrap();
    send(&portal, kinds()).await;
    let page = get(&portal, "/search?q=kind:request%20dur:200%20%3Cb%3E:%22").await;
    assert!(page.contains("<code>dur:200</code> at character 14: a unit (µs, ms, s, m, h) is expected"), "{page}");
    assert!(page.contains("aria-describedby=\"hints\"") && !page.contains("<b>"));
    assert_eq!(total(&get(&portal, "/search?q=kind:request%20dur:200").await), 1);
    let none = get(&portal, "/search?q=localhost:8080").await;
    assert!(none.contains("<code>localhost:8080</code> selects by a custom property"), "{none}");
    for q in ["%22", "-", "k:%22", "%00", "%F0%9F%8E%B8:%F0%9F", "a%0Ab", &"(".repeat(9000)] {
        assert!(get(&portal, &format!("/search?q={q}")).await.starts_with("HTTP/1.1 200"), "{q}");
    }
}

#[tokio::test]
async fn older_rows_stay_the_same_while_new_items_arrive() {
    let portal = Portal::start().unwrap();
    let requests = |count: usize, name: &str| (0..count).map(|_| request(name, "200", "shop", json!({}))).collect();
    send(&portal, requests(250, "GET /old")).await;
    send(&portal, vec![item("EventData", json!({"name": "e"}), "shop")]).await;
    let first = get(&portal, "/search?role=shop&q=kind:request").await;
    let mut rows = ids(&first);
    let mut page = first.clone();
    send(&portal, requests(150, "GET /new")).await;
    while let Some(link) = all(&page, "rel=\"next\" href=\"", "\"").first().map(|link| unescape(link)) {
        page = get(&portal, &link).await;
        assert!(page.contains("« newest"));
        rows.extend(ids(&page));
    }
    assert_eq!((rows, total(&page)), ((1..=250).rev().collect(), 400));
    assert!(get(&portal, "/search?before=x").await.contains("data-id=\"401\""));
    // What the script counts: the new items alone.
    let count = unescape(all(&first, "data-count=\"", "\"")[0]);
    let counted = get(&portal, &count).await;
    assert!(counted.ends_with(r#"{"count":150,"weighted":150.0}"#), "{count} {counted}");
    assert!(!get(&portal, "/search?run=1").await.contains("data-count"));
}

#[tokio::test]
async fn counts_are_those_before_sampling() {
    let portal = Portal::start().unwrap();
    let mut sampled = request("GET /x", "500", "shop", json!({"tenant": "acme"}));
    sampled["sampleRate"] = 6.25.into();
    send(&portal, vec![sampled, request("GET /x", "200", "shop", json!({}))]).await;
    let page = get(&portal, "/search").await;
    assert!(page.contains("2 items, 17 before sampling") && page.contains("×16"), "{page}");
    let counts = all(&page, "class=\"count\">", "<");
    assert_eq!(counts[..3], ["17", "17", "16"]);
}

#[tokio::test]
async fn markup_in_every_received_value_is_escaped() {
    let portal = Portal::start().unwrap();
    let evil = "\"><script>x()</script><b a='";
    let mut items = Vec::new();
    for mut item in kinds() {
        for tag in ["ai.cloud.role", "ai.operation.name", "ai.operation.id", "ai.operation.parentId", "ai.user.id"] {
            item["tags"][tag] = evil.into();
        }
        let base = item["data"]["baseData"].as_object_mut().unwrap();
        for field in ["name", "message", "responseCode", "resultCode", "type", "target", "url", "id", "problemId"] {
            base.insert(field.to_owned(), evil.into());
        }
        base.insert("properties".to_owned(), json!({evil: evil}));
        if let Some(exceptions) = base.get_mut("exceptions") {
            *exceptions = json!([{"typeName": evil, "message": evil}]);
        }
        if let Some(metrics) = base.get_mut("metrics") {
            *metrics = json!([{"name": evil, "value": 1}]);
        }
        items.push(item);
    }
    let sent = post(&portal, "/v2.1/track", "", Value::from(items).to_string().as_bytes()).await;
    assert_ne!(sent.0, 400, "{}", sent.1);
    let q = "%22%3E%3Cscript%3Ex()%3C%2Fscript%3E%3Cb%20a%3D%27";
    for path in ["/search".to_owned(), format!("/search?role={q}"), format!("/search?q=-{q}"), format!("/search?q={q}")]
    {
        let page = get(&portal, &path).await;
        assert!(!page.contains("<script>x") && !page.contains("<b a="), "{path}: {page}");
    }
    let page = get(&portal, "/search").await;
    assert!(page.contains("&lt;script&gt;x()") && total(&page) > 5, "{page}");
    assert!(page.contains("href=\"/transactions/%22%3E%3Cscript%3Ex%28%29%3C%2Fscript%3E"), "{page}");
}

#[tokio::test]
async fn empty_page_explains_how_to_send_the_first_item() {
    let portal = Portal::start().unwrap();
    let page = get(&portal, "/search").await;
    assert!(page.contains("No items yet") && page.contains("APPLICATIONINSIGHTS_CONNECTION_STRING"), "{page}");
    assert!(page.contains("data-count=\"/api/v1/count?") && page.contains("Refresh</a></noscript>"));
    for script in ["/assets/search.js", "/assets/list.js"] {
        assert!(page.contains(script) && get(&portal, script).await.contains("text/javascript"));
    }
}
