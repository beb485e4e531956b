//! A million requests while the endpoint is dead or slow.

use axum::body::Body;
use http_body_util::BodyExt as _;
use tower::Service as _;

use crate::app::App;
use crate::child::Child;
use crate::markdown::{Table, number};
use crate::ready::now;
use crate::sink::Sink;
use crate::usage::{Memory, Usage};
use crate::variant::Variant;

const VARIANTS: [Variant; 3] = [Variant::Ours, Variant::OursWithoutStore, Variant::TowerApplicationInsights];

/// How long the slow endpoint takes to respond, in seconds.
const SLOW: u64 = 5;

/// Sends the requests in this process, and prints what that took.
pub(crate) fn run(variant: Variant, endpoint: &str, requests: usize) {
    let mut app = App::start(variant, endpoint);
    (0..1_000).for_each(|_| serve(&mut app));
    let (before, memory) = (Usage::of(std::process::id()), Memory::read());
    (0..requests).for_each(|_| serve(&mut app));
    let usage = Usage::of(std::process::id()).since(&before);
    let after = Memory::read();
    let shutdown = app.shut_down();
    let cpu = usage.whole().as_secs_f64() * 1e6 / requests as f64;
    let losses = app.stats().map_or_else(String::new, |stats| {
        let counted = stats.delivered + stats.dropped.total() + stats.stored + stats.queued + stats.refused.full;
        assert!(stats.balances(), "{stats}");
        // The pipeline's own counters are items, too.
        assert!(counted >= requests as u64 + 1_000, "{counted} of {requests} requests are counted: {stats}");
        stats.to_string()
    });
    let highest = Memory::read().highest;
    println!("{:.3};{:.1};{highest:.1};{:.1};{:.2};{losses}", cpu, memory.now, after.now, shutdown.as_secs_f64());
}

fn serve(app: &mut App) {
    let request = http::Request::get("/users/7").header("host", "shop.example").header("user-agent", "bench/1.0");
    let Ok(response) = now(app.router.call(request.body(Body::empty()).expect("a request")));
    let body = now(response.into_body().collect()).expect("a body").to_bytes();
    assert_eq!(&body[..], b"seven");
}

pub(crate) fn print(is_quick: bool, is_selected: impl Fn(&Variant) -> bool) {
    let requests = if is_quick { 100_000 } else { 1_000_000 };
    let method = format!(
        "{requests} requests in process, one after the other at full speed, all sampled. The dead endpoint refuses \
         connections, the slow one responds after {SLOW} s. Memory: resident, in MiB. Processor time: user and system, of \
         the whole process. Shutdown: with a deadline of 5 s. `opentelemetry_sdk` logs a warning at the first loss, and \
         the number at the shutdown, if its feature `internal-logs` is on; it has no counter that a program can read."
    );
    let columns = [
        "",
        "endpoint",
        "CPU, µs/request",
        "memory before",
        "highest",
        "after",
        "shutdown, s",
        "became of the requests",
    ];
    let mut table = Table::new("Overload", &method, &columns);
    for is_slow in [false, true] {
        for variant in VARIANTS.into_iter().filter(&is_selected) {
            let name = if is_slow { "slow" } else { "dead" };
            eprintln!("overload, {name} endpoint: {}", variant.name());
            table.row(row(variant, is_slow, requests));
        }
    }
    println!("{table}");
}

fn row(variant: Variant, is_slow: bool, requests: usize) -> Vec<String> {
    let mut sink = Sink::start(SLOW);
    // No port below 10 has a listener.
    let endpoint = if is_slow { sink.address.clone() } else { "127.0.0.1:9".to_owned() };
    let (child, line) = Child::start(&["--overloaded", variant.name(), &endpoint, &requests.to_string()]);
    let arrived = sink.take().items;
    let figures: Vec<&str> = line.splitn(6, ';').collect();
    let [cpu, before, highest, after, shutdown, losses] = figures[..] else { panic!("six figures: {line}") };
    let losses = match losses {
        "" => format!("{} lost, {arrived} arrived; not counted", requests + 1_000 - arrived),
        counted => format!("{counted}; {arrived} arrived"),
    };
    drop(child);
    let cpu = number(cpu.parse().ok());
    let name = if is_slow { "slow" } else { "dead" };
    [variant.name(), name, &cpu, before, highest, after, shutdown, &losses].map(str::to_owned).to_vec()
}
