//! Measures the time of a case, and counts its instructions and allocations.

use std::process::Command;
use std::time::Instant;

use crate::cases::{App, Case};
use crate::valgrind::{self, Count};

/// Requests in a timed chunk: fewer than the queue holds.
const CHUNK: usize = 3_000;
const ROUNDS: usize = 41;
/// Requests in the two counted runs: their difference excludes start and end of the process.
const SHORT: usize = 1_000;
const LONG: usize = 3_000;

/// The cost of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Above the floor, as the median of paired differences. For a floor, its own time.
    pub(crate) nanos: f64,
    pub(crate) instructions: Option<f64>,
    pub(crate) allocations: Option<f64>,
}

impl Cost {
    /// Subtracts the counts of the floor.
    pub(crate) fn above(&self, floor: Option<&Self>) -> Self {
        let Some(floor) = floor else { return *self };
        let minus = |cost: Option<f64>, floor: Option<f64>| cost.zip(floor).map(|(cost, floor)| cost - floor);
        Self {
            nanos: self.nanos,
            instructions: minus(self.instructions, floor.instructions),
            allocations: minus(self.allocations, floor.allocations),
        }
    }
}

pub(crate) fn cost(case: Case) -> Cost {
    eprintln!("measuring: {}", case.name());
    Cost {
        nanos: nanos_of_child(case),
        instructions: per_request(case, Count::Instructions),
        allocations: per_request(case, Count::Allocations),
    }
}

/// Measures in a process that keeps its memory, as a long-running server does. Otherwise every chunk
/// would pay for the pages that the previous one returned.
fn nanos_of_child(case: Case) -> f64 {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["--time", &case.name()])
        .env("MALLOC_TRIM_THRESHOLD_", "1073741824")
        .env("MALLOC_TOP_PAD_", "67108864")
        .output()
        .expect("a child");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}

pub(crate) fn nanos(case: Case) -> f64 {
    let (mut app, mut floor) = (case.app(false), case.floor().app(false));
    // The first use of memory costs more than a request.
    for app in [&mut app, &mut floor] {
        chunk(app, case);
    }
    let mut differences: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let below = if case.is_floor() { 0.0 } else { chunk(&mut floor, case) };
            chunk(&mut app, case) - below
        })
        .collect();
    differences.sort_by(f64::total_cmp);
    differences[ROUNDS / 2]
}

fn chunk(app: &mut App, case: Case) -> f64 {
    // The queue is emptied outside of the measured time.
    app.flush();
    let begun = Instant::now();
    (0..CHUNK).for_each(|_| app.serve(case.request));
    begun.elapsed().as_nanos() as f64 / CHUNK as f64
}

fn per_request(case: Case, count: Count) -> Option<f64> {
    let run = |requests: usize| valgrind::count(count, &["--case".to_owned(), case.name(), requests.to_string()]);
    Some((run(LONG)? - run(SHORT)?) / (LONG - SHORT) as f64)
}
