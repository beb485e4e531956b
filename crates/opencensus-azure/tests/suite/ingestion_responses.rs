//! Batches of four requests under every script of responses for which Microsoft's exporters were measured:
//! no item is lost that one of them keeps, no item is accepted twice, and the number of POSTs is bounded.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use opencensus_core::{Pipeline, PipelineLimits};
use serde_json::{Value, json};
use test_support::TIMEOUT;
use test_support::certificates::server_config;
use test_support::endpoint::{Endpoint, KEY, Post, ScriptedResponse};
use test_support::vectors::{self, Row};

use crate::support::{self, Client, quick, submit_request};

const ITEMS: usize = 4;

/// The responses of a step that repeats without end. After them the endpoint accepts everything.
const ENDLESS: usize = 12;

/// The longest wait between two POSTs, also if the endpoint names a longer one.
const MAX_WAIT: Duration = Duration::from_millis(20);

fn limits() -> PipelineLimits {
    let mut limits = quick();
    // All requests in one batch, as in the measurement.
    limits.first_delay = Duration::from_millis(30);
    limits.retry_max = MAX_WAIT;
    limits.retry_after_max = MAX_WAIT;
    limits
}

fn start(client: Client, endpoint: &str) -> Pipeline {
    support::start(client, &format!("InstrumentationKey={KEY};IngestionEndpoint={endpoint}"), limits())
}

fn submit_requests(pipeline: &Pipeline) {
    (0..ITEMS).for_each(|item| submit_request(pipeline, &format!("/{item}")));
}

/// The errors of a step. The index `all` is expanded.
fn errors(step: &Value) -> Vec<Value> {
    let listed = step["errors"].as_array().cloned().unwrap_or_default();
    let expanded = listed.into_iter().flat_map(|error| match error["index"].as_str() {
        Some("all") => (0..ITEMS)
            .map(|index| {
                let mut error = error.clone();
                error["index"] = index.into();
                error
            })
            .collect(),
        _ => vec![error],
    });
    expanded.collect()
}

fn response(step: &Value, first: &str, second: &str) -> ScriptedResponse {
    let status = step["status"].as_u64().unwrap() as u16;
    let mut headers = Vec::new();
    match &step["retry_after"] {
        Value::Null => {}
        Value::String(text) if text.starts_with('+') => {
            let ahead = Duration::from_secs(text[1..].parse().unwrap());
            headers.push(("retry-after", httpdate::fmt_http_date(SystemTime::now() + ahead)));
        }
        Value::String(text) => headers.push(("retry-after", text.clone())),
        number => headers.push(("retry-after", number.to_string())),
    }
    if let Some(location) = step["location"].as_str() {
        let location = location.replace("{port:21211}", second).replace("{self}", first);
        headers.push(("location", location.replace("{path}", "/v2.1/track")));
    }
    if let Some(control) = step["headers"]["Cache-Control"].as_str() {
        headers.push(("cache-control", control.to_owned()));
    }
    let errors = errors(step);
    let body = match step["body"].as_str() {
        Some(body) => body.to_owned(),
        None => json!({ "itemsReceived": ITEMS, "itemsAccepted": 0, "appId": null, "errors": errors }).to_string(),
    };
    (status, headers, body)
}

fn script(row: &Value, first: &str, second: &str) -> Vec<(ScriptedResponse, Vec<Value>)> {
    let steps = row["script"].as_array().unwrap().iter();
    let responses = steps.flat_map(|step| {
        let times = match step["repeat"].as_i64() {
            Some(times) if times >= 0 => times as usize,
            Some(_) => ENDLESS,
            None => 1,
        };
        std::iter::repeat_n((response(step, first, second), errors(step)), times)
    });
    responses.collect()
}

/// The fewest items that one of Microsoft's exporters drops.
fn fewest_dropped(row: &Value) -> u64 {
    let exporters = ["python_exporter", "javascript_exporter", "opencensus"];
    let verdicts = exporters.iter().filter_map(|exporter| row[exporter]["verdict"].as_str());
    let dropped = verdicts.map(|verdict| {
        let parts = verdict.split(", ").filter_map(|part| part.strip_prefix("dropped "));
        parts.map(|count| count.parse::<u64>().unwrap()).sum()
    });
    dropped.min().unwrap()
}

/// How often the endpoint accepted each request, by URL.
fn accepted(posts: &[Post], responses: &[(ScriptedResponse, Vec<Value>)]) -> BTreeMap<String, usize> {
    let mut accepted = BTreeMap::new();
    for (at, post) in posts.iter().enumerate() {
        let (status, listed) = responses.get(at).map_or((200, &[][..]), |((status, ..), listed)| (*status, listed));
        if !(200..300).contains(&status) {
            continue;
        }
        for (index, item) in post.items.iter().enumerate() {
            let is_refused = |error: &&Value| {
                let was_accepted = error["message"] == "Telemetry sampled out." || error["statusCode"] == 206;
                error["index"] == index && !was_accepted
            };
            let url = item["data"]["baseData"]["url"].as_str().unwrap().to_owned();
            *accepted.entry(url).or_default() += usize::from(!listed.iter().any(|error| is_refused(&error)));
        }
    }
    accepted
}

async fn judge_responses(client: Client, row: &Value) -> Row {
    let (first, second) = (Endpoint::start([]).await, Endpoint::start([]).await);
    let base = |endpoint: &Endpoint| format!("http://{}", endpoint.address);
    let responses = script(row, &base(&first), &base(&second));
    first.set_script(responses.iter().map(|(response, _)| response.clone()));
    let pipeline = start(client, &base(&first));
    submit_requests(&pipeline);
    let report = pipeline.flush(TIMEOUT).await;
    let stats = &report.stats;
    let mut faults = Vec::new();
    if !report.complete || !stats.balances() {
        faults.push(format!("{report:?}"));
    }
    let dropped = stats.dropped.total();
    if dropped > fewest_dropped(row) {
        faults.push(format!("{dropped} dropped, the best exporter drops {}", fewest_dropped(row)));
    }
    let posts = first.posts();
    let accepted = accepted(&posts, &responses);
    if accepted.values().any(|times| *times > 1) {
        faults.push(format!("accepted twice: {accepted:?}"));
    }
    let arrived = accepted.values().filter(|times| **times == 1).count() as u64;
    let sampled_out = stats.delivered.saturating_sub(arrived);
    if arrived + dropped + sampled_out != ITEMS as u64
        || sampled_out > 0 && !row["case"].as_str().unwrap().contains("206")
    {
        faults.push(format!("{arrived} arrived, {dropped} dropped, {stats:?}"));
    }
    if posts.len() > responses.len() + 2 * ITEMS || !second.posts().is_empty() {
        faults.push(format!("{} posts, {} elsewhere", posts.len(), second.posts().len()));
    }
    if faults.is_empty() { Row::Passed } else { Row::Failed(faults.join("; ")) }
}

/// Without any response every item is kept and sent again.
async fn judge_network(client: Client, row: &Value) -> Row {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    // A closed port, or one that resets every connection.
    let resetting = row["script"][0]["reset"].is_string().then(|| {
        tokio::spawn(async move {
            while let Ok((stream, _)) = closed.accept().await {
                let _ = stream.set_zero_linger();
            }
        })
    });
    let endpoint = match row["endpoint"].as_str() {
        Some(url) if url.contains("no-such-host") => url.to_owned(),
        Some(url) if url.starts_with("https") => {
            format!("https://{}", Endpoint::start_tls(server_config().1).await.address)
        }
        _ => format!("http://{address}"),
    };
    let pipeline = start(client, &endpoint);
    submit_requests(&pipeline);
    let begun = Instant::now();
    while pipeline.stats().retried < 2 * ITEMS as u64 && begun.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let stats = pipeline.stats();
    let report = pipeline.shutdown(Duration::from_millis(200)).await;
    if let Some(task) = resetting {
        task.abort();
    }
    let is_kept = stats.queued == ITEMS as u64 && stats.dropped.total() == 0 && stats.retried >= 2 * ITEMS as u64;
    let is_counted = report.stats.dropped.total() == ITEMS as u64 && report.stats.balances();
    if is_kept && is_counted { Row::Passed } else { Row::Failed(format!("{stats:?}, {report:?}")) }
}

#[test]
fn no_response_loses_an_item_that_another_exporter_keeps_or_delivers_one_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    vectors::run("azure/status_actions.json", "rows", |row| {
        let judge = |client| async move {
            match row["group"].as_str() {
                Some("network") => judge_network(client, row).await,
                _ => judge_responses(client, row).await,
            }
        };
        runtime.block_on(async {
            match judge(Client::BuiltIn).await {
                Row::Passed => judge(Client::Reqwest).await,
                failed => failed,
            }
        })
    });
}
