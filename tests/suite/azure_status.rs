//! What becomes of four requests under every script of answers that Microsoft's exporters were measured with:
//! nothing is lost that any of them keeps, nothing arrives twice, and nobody hammers the endpoint.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::SettingsExt as _;
use crate::support::quick;
use test_support::TIMEOUT;
use test_support::certificates::server_config;
use test_support::endpoint::{Endpoint, KEY, ScriptedResponse};
use test_support::vectors::{self, Row};

const ITEMS: usize = 4;

/// Answers of a step that goes on for ever; then the endpoint is well again.
const FOR_EVER: usize = 12;

/// Waits are short here, asked for or not.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

fn settings(endpoint: &str) -> Settings {
    let mut limits = quick();
    // One batch, as the exporters had it.
    limits.first_delay = Duration::from_millis(30);
    limits.retry_max = LONGEST_WAIT;
    limits.retry_after_max = LONGEST_WAIT;
    let connection = format!("InstrumentationKey={KEY};IngestionEndpoint={endpoint}");
    Settings::default().with(|s| s.limits = limits).with_connection_string(connection.parse().unwrap())
}

async fn send_requests(telemetry: &Telemetry) {
    for item in 0..ITEMS {
        let service = service_fn(|_: Request<()>| async {
            Ok::<_, std::convert::Infallible>(Response::new(Empty::<Bytes>::new()))
        });
        let request = Request::get(format!("/{item}")).header("host", "shop").body(()).unwrap();
        OpenCensusLayer::new(telemetry.clone()).layer(service).oneshot(request).await.unwrap();
    }
}

/// The errors that a step lists, `all` spelled out.
fn errors(step: &Value) -> Vec<Value> {
    let listed = step["errors"].as_array().cloned().unwrap_or_default();
    let spelled_out = listed.into_iter().flat_map(|error| match error["index"].as_str() {
        Some("all") => (0..ITEMS)
            .map(|index| {
                let mut error = error.clone();
                error["index"] = index.into();
                error
            })
            .collect(),
        _ => vec![error],
    });
    spelled_out.collect()
}

fn answer(step: &Value, first: &str, second: &str) -> ScriptedResponse {
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
    let answers = steps.flat_map(|step| {
        let times = match step["repeat"].as_i64() {
            Some(times) if times >= 0 => times as usize,
            Some(_) => FOR_EVER,
            None => 1,
        };
        std::iter::repeat_n((answer(step, first, second), errors(step)), times)
    });
    answers.collect()
}

/// The fewest items that one of the exporters drops.
fn dropped_by_the_best(row: &Value) -> u64 {
    let exporters = ["python_exporter", "javascript_exporter", "opencensus"];
    let verdicts = exporters.iter().filter_map(|exporter| row[exporter]["verdict"].as_str());
    let dropped = verdicts.map(|verdict| {
        let parts = verdict.split(", ").filter_map(|part| part.strip_prefix("dropped "));
        parts.map(|count| count.parse::<u64>().unwrap()).sum()
    });
    dropped.min().unwrap()
}

/// How often each request was accepted, by its path.
fn accepted(
    posts: &[test_support::endpoint::Post],
    answers: &[(ScriptedResponse, Vec<Value>)],
) -> BTreeMap<String, usize> {
    let mut accepted = BTreeMap::new();
    for (at, post) in posts.iter().enumerate() {
        let (status, listed) = answers.get(at).map_or((200, &[][..]), |((status, ..), listed)| (*status, listed));
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

async fn judge_answers(row: &Value) -> Row {
    let (first, second) = (Endpoint::start([]).await, Endpoint::start([]).await);
    let base = |endpoint: &Endpoint| format!("http://{}", endpoint.address);
    let answers = script(row, &base(&first), &base(&second));
    first.set_script(answers.iter().map(|(answer, _)| answer.clone()));
    let telemetry = settings(&base(&first)).start().unwrap();
    send_requests(&telemetry).await;
    let report = telemetry.flush(TIMEOUT).await;
    let stats = &report.stats;
    let mut faults = Vec::new();
    if !report.complete || !stats.balances() {
        faults.push(format!("{report:?}"));
    }
    let dropped = stats.dropped.total();
    if dropped > dropped_by_the_best(row) {
        faults.push(format!("{dropped} dropped, the best drops {}", dropped_by_the_best(row)));
    }
    let posts = first.posts();
    let accepted = accepted(&posts, &answers);
    if accepted.values().any(|times| *times > 1) {
        faults.push(format!("twice: {accepted:?}"));
    }
    let arrived = accepted.values().filter(|times| **times == 1).count() as u64;
    let sampled_out = stats.delivered.saturating_sub(arrived);
    if arrived + dropped + sampled_out != ITEMS as u64
        || sampled_out > 0 && !row["case"].as_str().unwrap().contains("206")
    {
        faults.push(format!("{arrived} arrived, {dropped} dropped, {stats:?}"));
    }
    if posts.len() > answers.len() + 2 * ITEMS || !second.posts().is_empty() {
        faults.push(format!("{} posts, {} elsewhere", posts.len(), second.posts().len()));
    }
    if faults.is_empty() { Row::Passed } else { Row::Failed(faults.join("; ")) }
}

/// Nobody answers at all: everything is kept, and tried again.
async fn judge_network(row: &Value) -> Row {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    // A port on which nobody listens, or one that hangs up on everybody.
    let hanging_up = row["script"][0]["reset"].is_string().then(|| {
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
    let telemetry = settings(&endpoint).with(|s| s.azure.plain_http = true).start().unwrap();
    send_requests(&telemetry).await;
    let begun = std::time::Instant::now();
    while telemetry.stats().retried < 2 * ITEMS as u64 && begun.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let stats = telemetry.stats();
    let report = telemetry.shutdown(Duration::from_millis(200)).await;
    if let Some(task) = hanging_up {
        task.abort();
    }
    let is_kept = stats.queued == ITEMS as u64 && stats.dropped.total() == 0 && stats.retried >= 2 * ITEMS as u64;
    let is_told = report.stats.dropped.total() == ITEMS as u64 && report.stats.balances();
    if is_kept && is_told { Row::Passed } else { Row::Failed(format!("{stats:?}, {report:?}")) }
}

#[test]
fn no_answer_loses_what_anybody_keeps_and_nothing_arrives_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    vectors::run("azure/status_actions.json", "rows", |row| {
        runtime.block_on(async {
            if row["group"] == "network" { judge_network(row).await } else { judge_answers(row).await }
        })
    });
}
