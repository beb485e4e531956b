//! What the layer adds to a request, above a layer that wraps future and body and does nothing.
//!
//! ```text
//! cargo bench -p opencensus --bench request
//! ```
//!
//! One `GET /users/{id}` through an axum router, in process, the body read to its end. Prints a
//! table, then the same as JSON. Instructions and allocations are counted by valgrind (callgrind,
//! memcheck) in runs of different length, so that only what a request costs remains; they repeat
//! exactly. Times are the median of paired differences in one process; compare them with the floor
//! of the same run, not with another machine's. Without valgrind there are times only.
//!
//! The worker does not work meanwhile: what it costs is the exporter's account.
//!
//! # Figures
//!
//! Rust 1.95, axum 0.8.9, glibc 2.36, x86-64, 2 shared cores at 2.5 GHz, thin LTO, one codegen unit.
//! The floor: 10,136 instructions, 24 allocations, 758 ns, the making of the request included; with a
//! `traceparent` 11,277, 26 and 739 ns, with a `tracestate` as well 12,384, 28 and 795 ns. Above it,
//! OpenTelemetry's context off / on:
//!
//! | case | instructions | aimed at | allocations | aimed at | ns |
//! | --- | --- | --- | --- | --- | --- |
//! | kept | 4175 / 5205 | 1400 / 2300 | 3 / 5 | 3 / 5 | 835 / 828 |
//! | not sampled | 1872 / 2667 | 600 / 1300 | 0 / 1 | 1 / 2 | 149 / 249 |
//! | blacklisted | 1764 / 2559 | 300 / 900 | 0 / 1 | 1 / 2 | 158 / 242 |
//! | `traceparent` adds, kept | 796 / 796 | 250 | 0 | 0 | |
//! | `traceparent` adds, not sampled | 788 / 789 | 250 | 0 | 0 | |
//! | `tracestate` of a service of ours that keeps everything adds, kept | 909 / 1003 | | 2 / 2 | | |
//! | kept at a rate below 1, which the context tells | 4180 / 9240 | | 3 / 17 | | 782 / 2480 |
//! | not sampled, but a failure would be kept | 4118 / 5186 | | 3 / 5 | | 392 / 531 |
//! | not sampled, past a blacklist of 10 entries of every form | 2815 | | 0 | | 220 |
//! | not sampled, past one of 1000 | 3605 | | 0 | | 277 |
//!
//! So a thousand entries cost 1.8 times what ten do (1733 and 943 above a blacklist of two prefixes).
//!
//! Allocations meet their aim, instructions do not. Where they go, context off, by callgrind: each
//! function's own cost, less the floor's. (One run each, start-up included, hence sums a little higher. It
//! was taken before samplers saw the request and gave their rate, which added 129 and 85, and before baggage,
//! propagators, observers and the count of requests in flight, which added 338 and 277.)
//!
//! | part | kept | not sampled |
//! | --- | --- | --- |
//! | making the request current in `call` and every poll of future and body; catching panics | 538 | 480 |
//! | polling, inlined into axum's and http-body-util's own polls | 749 | 325 |
//! | allocating and freeing: span, entry of the extensions, their table, which axum has filled | 561 | 59 |
//! | that table's growth, and look-ups in it | 375 | 22 |
//! | moving future, body and record, which are larger than the floor's | 507 | 226 |
//! | record and decision | 394 | 61 |
//! | headers | 205 | 101 |
//! | ids, clock, path filter, queue, the rest | 420 | 264 |
//!
//! What the aims left out: the extension for handlers is the fourth entry of a table that holds three;
//! a blacklisted request's trace goes on, so it too has ids and is current in every poll, and pays for
//! the look-up of a `traceparent`. Of these the exchange of the current request (56 bytes, eight times
//! a request) and the moves look as if they could shrink.

mod cases;
mod floor;
mod measure;

use cases::{Case, Request};
use measure::Cost;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo bench` adds `--bench`; children are given a case.
    match arguments.get(1).map(String::as_str) {
        Some("--case") => run_case(&arguments[2], arguments[3].parse().expect("a number of requests")),
        Some("--time") => println!("{}", measure::nanos(find(&arguments[2]))),
        _ => print_all(),
    }
}

fn find(name: &str) -> Case {
    Case::all().into_iter().find(|case| case.name() == name).expect("a case")
}

fn run_case(name: &str, requests: usize) {
    let case = find(name);
    let mut app = case.app(true);
    for _ in 0..requests {
        app.serve(case.request);
    }
    // Nothing that ends with the process is counted.
    std::process::exit(0);
}

fn print_all() {
    let costs: Vec<(Case, Cost)> = Case::all().into_iter().map(|case| (case, measure::cost(case))).collect();
    println!("\n{:<40} {:>9} {:>13} {:>12}", "above the floor", "ns", "instructions", "allocations");
    for (case, cost) in &costs {
        let floor = if case.is_floor() { None } else { floor_of(&costs, case.request) };
        let above = cost.above(floor);
        println!(
            "{:<40} {:>9.0} {:>13} {:>12}",
            case.name(),
            above.nanos,
            number(above.instructions),
            number(above.allocations)
        );
    }
    for (case, cost) in &costs {
        let above = cost.above(if case.is_floor() { None } else { floor_of(&costs, case.request) });
        println!(
            "{{\"case\":\"{}\",\"ns\":{:.1},\"instructions\":{},\"allocations\":{}}}",
            case.name(),
            above.nanos,
            above.instructions.map_or("null".to_owned(), |count| format!("{count:.1}")),
            above.allocations.map_or("null".to_owned(), |count| format!("{count:.2}")),
        );
    }
}

fn floor_of(costs: &[(Case, Cost)], request: Request) -> Option<&Cost> {
    costs.iter().find(|(case, _)| case.is_floor() && case.request == request).map(|(_, cost)| cost)
}

fn number(count: Option<f64>) -> String {
    count.map_or("-".to_owned(), |count| format!("{count:.1}"))
}
