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

mod cases;
mod floor;
mod measure;

use cases::{Case, Request};
use measure::Cost;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo bench` adds `--bench`; a run below valgrind names a case and a number of requests.
    match arguments.iter().position(|argument| argument == "--case") {
        Some(at) => run_case(&arguments[at + 1], arguments[at + 2].parse().expect("a number of requests")),
        None => print_all(),
    }
}

fn run_case(name: &str, requests: usize) {
    let case = Case::all().into_iter().find(|case| case.name() == name).expect("a case");
    let mut app = case.app();
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
