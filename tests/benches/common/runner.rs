//! Measures all cases. A child process runs a single case.

use std::process::Command;

use crate::cases::Case;
use crate::effort::Effort;
use crate::measure::{self, Cost};

/// `print` receives every case with its cost above its floor; a floor with its own cost.
pub(crate) fn main(print: fn(&[(Case, Cost)])) {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo bench` adds `--bench`; child processes get a case.
    match arguments.get(1).map(String::as_str) {
        Some("--case") => run_case(&arguments[2], parse(&arguments[3])),
        Some("--time") => {
            let time = measure::time(find(&arguments[2]), parse(&arguments[3]));
            println!("{} {}", time.thread, time.process);
        }
        Some("--check") => find(&arguments[2]).check(),
        _ => print(&measure_all()),
    }
}

fn parse(number: &str) -> usize {
    number.parse().expect("a number")
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

fn measure_all() -> Vec<(Case, Cost)> {
    let cases = Case::all();
    // First of all: figures of a case that does not do what its name states are worthless.
    cases.iter().for_each(check);
    let effort = Effort::of_arguments();
    let measured = cases.into_iter().filter(|case| effort == Effort::Full || case.is_quick());
    let costs: Vec<_> = measured.map(|case| (case, measure::cost(case, effort))).collect();
    let floor_of = |of: &Case| costs.iter().find(|(case, _)| case.name() == of.floor().name()).map(|(_, cost)| cost);
    let above = |(case, cost): &(Case, Cost)| (*case, cost.above(if case.is_floor() { None } else { floor_of(case) }));
    costs.iter().map(above).collect()
}

/// Runs [`Case::check`] in a process of its own, because some cases set up global state.
fn check(case: &Case) {
    let program = std::env::current_exe().expect("this program");
    let status = Command::new(program).args(["--check", &case.name()]).status().expect("a child");
    assert!(status.success(), "not measured, because it does not record what it should: {}", case.name());
}
