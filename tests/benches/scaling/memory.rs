//! The memory that telemetry takes.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use axum::body::Body;
use opencensus::tower::{ResponseBody, ResponseFuture};
use opencensus::{RequestSpan, Telemetry};
use tower::Service as _;

use crate::app::{self, BARE, KEPT, NOT_SAMPLED};
use crate::clock::median;
use crate::markdown::{Table, number};

const ROUNDS: usize = 5;
const IN_FLIGHT: usize = 100_000;
/// The system's unit of resident memory.
const PAGE: f64 = 4096.0;

pub(crate) fn at_rest() -> Table {
    let method = "Resident memory of a process with a bare router, and of one with telemetry started beside it with \
                  default settings for Application Insights, half a second after the start and one request. Median of \
                  processes, in KiB.";
    let mut table = Table::new("Memory at rest", method, &["process", "KiB", "above bare"]);
    let kib = |fate| median((0..ROUNDS).flat_map(|_| crate::child("--memory", fate, 0)).collect()) / 1024.0;
    let (bare, ours) = (kib(BARE), kib(KEPT));
    table.row([BARE.to_owned(), number(Some(bare)), String::new()]);
    table.row(["with telemetry".to_owned(), number(Some(ours)), number(Some(ours - bare))]);
    table
}

pub(crate) fn in_flight() -> Table {
    let method = format!(
        "Growth of the resident memory by {IN_FLIGHT} requests whose handlers wait, each polled once, in bytes a request. \
         It includes the request itself and the router's own futures. OpenTelemetry's context is off."
    );
    let mut table = Table::new("Memory of requests in flight", &method, &["case", "bytes", "above bare"]);
    let bytes = |fate| median((0..3).flat_map(|_| crate::child("--memory", fate, IN_FLIGHT)).collect());
    let bare = bytes(BARE);
    table.row([BARE.to_owned(), number(Some(bare)), String::new()]);
    for fate in [NOT_SAMPLED, KEPT] {
        let ours = bytes(fate);
        table.row([fate.to_owned(), number(Some(ours)), number(Some(ours - bare))]);
    }
    table
}

pub(crate) fn sizes() -> Table {
    let method =
        "Bytes of the types that are created for a request. The future's and the body's are beside the inner ones.";
    let mut table = Table::new("Sizes", method, &["type", "bytes"]);
    type Inner = std::future::Pending<Result<http::Response<Body>, std::convert::Infallible>>;
    let sizes = [
        ("`ResponseFuture`", size_of::<ResponseFuture<Inner>>() - size_of::<Inner>()),
        ("`ResponseBody`", size_of::<ResponseBody<Body>>() - size_of::<Body>()),
        ("`RequestSpan`, of kept requests alone", size_of::<RequestSpan>()),
    ];
    for (name, bytes) in sizes {
        table.row([name.to_owned(), bytes.to_string()]);
    }
    table
}

/// Prints the resident memory at rest, or its growth by a request in flight.
pub(crate) fn measure(fate: &str, requests: &str) {
    let requests: usize = requests.parse().expect("a number");
    if requests == 0 {
        let telemetry = (fate != BARE).then(default_telemetry);
        app::serve(&mut app::router(telemetry.as_ref()));
        std::thread::sleep(Duration::from_millis(500));
        println!("{}", resident());
        std::process::exit(0);
    }
    let telemetry = (fate != BARE)
        .then(|| app::settings(fate).start_with(opencensus::exporter::ConsoleExporter).expect("it starts"));
    let mut router = app::router(telemetry.as_ref());
    let before = resident();
    let mut pending = Vec::with_capacity(requests);
    for _ in 0..requests {
        let mut future = Box::pin(router.call(app::request("/pending/7")));
        assert!(pin!(&mut future).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        pending.push(future);
    }
    println!("{}", (resident() - before) / requests as f64);
    // Without destructors: nothing is exported.
    std::process::exit(0);
}

/// Telemetry with default settings. The endpoint is never called: the queue is empty.
fn default_telemetry() -> Telemetry {
    let connection = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/";
    let settings = app::settings(NOT_SAMPLED).with_connection_string(connection.parse().expect("a connection string"));
    settings.start().expect("it starts")
}

/// Bytes of resident memory.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("the system's figures");
    let pages: f64 = statm.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number");
    pages * PAGE
}
