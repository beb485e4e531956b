//! The program: an axum service behind the layer, which handles the requests that standard input demands.
//!
//! | line | effect |
//! | --- | --- |
//! | `run FIRST COUNT RATE` | handles requests with these ids, so many a second (0: without pause), then writes `done` |
//! | `stats` | writes `stats` and the counters |
//! | `shutdown MILLISECONDS` | shuts down within the deadline, writes `end` and the counters, and exits |
//!
//! The id of a finished request is one line of standard output, written at once. SIGTERM shuts down within 5 seconds.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt as _;
use opencensus::{OpenCensusLayer, Telemetry};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tower::ServiceExt as _;

/// Set to `false`, the program does not write the ids of finished requests.
pub(super) const IDS: &str = "FAULTS_IDS";

/// The deadline after SIGTERM.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(run());
    ExitCode::SUCCESS
}

async fn run() {
    let telemetry = Telemetry::from_env().expect("settings");
    let app = Router::new().route("/items/{id}", get(item)).layer(OpenCensusLayer::new(telemetry.clone()));
    let (sender, commands) = unbounded_channel();
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().lines().map_while(Result::ok);
        lines.map(|line| sender.send(line)).all(|sent| sent.is_ok())
    });
    write_line("ready");
    let deadline = tokio::select! {
        deadline = obey(commands, &telemetry, &app) => deadline,
        () = opencensus::shutdown_signal() => DEADLINE,
    };
    let report = telemetry.shutdown(deadline).await;
    write_line(&format!("end {}", report.stats.to_json()));
}

/// Obeys commands until one ends the program, and returns its deadline.
async fn obey(mut commands: UnboundedReceiver<String>, telemetry: &Telemetry, app: &Router) -> Duration {
    loop {
        // A parent that has ended sends nothing more: the program goes on until its signal.
        let Some(line) = commands.recv().await else { return DEADLINE };
        let words: Vec<_> = line.split_whitespace().collect();
        let number = |index: usize| words[index].parse::<u64>().expect("a number");
        match words[0] {
            "run" => drop(tokio::spawn(handle(app.clone(), number(1)..number(1) + number(2), number(3)))),
            "stats" => write_line(&format!("stats {}", telemetry.stats().to_json())),
            "shutdown" => return Duration::from_millis(number(1)),
            other => panic!("`{other}` is no command"),
        }
    }
}

async fn handle(app: Router, ids: std::ops::Range<u64>, rate: u64) {
    let (start, writes_ids) = (Instant::now(), std::env::var(IDS).as_deref() != Ok("false"));
    let first = ids.start;
    for id in ids {
        if let Some(due) = ((id - first) * 1_000_000).checked_div(rate) {
            tokio::time::sleep_until((start + Duration::from_micros(due)).into()).await;
        } else if id % 64 == 0 {
            tokio::task::yield_now().await;
        }
        let request = Request::get(format!("/items/{id}")).header("host", "shop.example").body(Body::empty());
        let response = app.clone().oneshot(request.expect("a request")).await.expect("a response");
        response.into_body().collect().await.expect("a body");
        if writes_ids {
            write_line(&id.to_string());
        }
    }
    write_line("done");
}

/// Every 100th request fails.
async fn item(Path(id): Path<u64>) -> (StatusCode, &'static str) {
    if id.is_multiple_of(100) { (StatusCode::INTERNAL_SERVER_ERROR, "failed") } else { (StatusCode::OK, "fine") }
}

fn write_line(line: &str) {
    // One write: a killed process leaves whole lines. A parent that has ended reads nothing.
    let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
}
