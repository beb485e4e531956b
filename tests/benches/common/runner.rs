//! Measures all cases and prints a table. A child process runs a single case.

use crate::cases::{Case, Request};
use crate::measure::{self, Cost};

pub(crate) fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo bench` adds `--bench`; child processes get a case.
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
    // Exits without destructors, which would be counted.
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
