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
//! Rust 1.95, axum 0.8.9, glibc 2.36, x86-64, 2 cores at 2.5 GHz, thin LTO, one codegen unit. The
//! floor: 10,075 instructions, 24 allocations, 900 ns with making the request; 11,283, 26 and 983 with
//! a `traceparent`. Above it, context off / on:
//!
//! | case | instructions | aimed at | allocations | aimed at | ns |
//! | --- | --- | --- | --- | --- | --- |
//! | kept | 3868 / 4624 | 1400 / 2300 | 3 / 5 | 3 / 5 | 537 / 1131 |
//! | not sampled | 1463 / 2008 | 600 / 1300 | 0 / 1 | 1 / 2 | 132 / 260 |
//! | blacklisted | 1449 / 1994 | 300 / 900 | 0 / 1 | 1 / 2 | 118 / 276 |
//! | `traceparent` adds | 684 / 671 | 250 | 0 | 0 | |
//!
//! Allocations meet their aim, instructions do not. Where they go, context off, by callgrind's own
//! cost of functions minus the floor's:
//!
//! | part | kept | not sampled |
//! | --- | --- | --- |
//! | moving the future, the body and the record, which are larger than the floor's | 481 | 228 |
//! | poll of future and body, inlined into axum's | 749 | 353 |
//! | looking up host, user agent and `traceparent` (about 130 each in `HeaderMap`) | 507 | 157 |
//! | allocating and freeing: span, entry of the extensions, their table, which is full at three | 561 | 59 |
//! | that table's growth and look-ups | 375 | 22 |
//! | making the request current in `call` and `poll`, catching panics | 383 | 319 |
//! | record, decision, end | 383 | 62 |
//! | clock, ids, filter, queue, the rest | 398 | 253 |
//!
//! Half of a kept request is look-ups in `http`'s and axum's maps and the allocator, which a handler's
//! extension and a row with host and user agent need; a third is being polled safely: panics caught,
//! the thread's request exchanged, the end seen in the body. What an aim of 300 for a blacklisted
//! request leaves out is that its trace goes on: one look-up, two ids, and being current for the calls
//! that the handler makes.

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
