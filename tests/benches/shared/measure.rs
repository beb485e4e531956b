//! Times, instructions, allocations.

use std::process::Command;
use std::time::Instant;

use crate::cases::{App, Case};

/// Requests of a timed chunk; fewer than the queue holds.
const CHUNK: usize = 3_000;
const ROUNDS: usize = 41;
/// Lengths of the counted runs: their difference leaves out start and end.
const SHORT: usize = 1_000;
const LONG: usize = 3_000;

/// What one request costs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Above the floor, by pairs; the floor's own time for a floor.
    pub(crate) nanos: f64,
    pub(crate) instructions: Option<f64>,
    pub(crate) allocations: Option<f64>,
}

impl Cost {
    /// Counts above the floor's.
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
        instructions: per_request(case, &["--tool=callgrind", "--callgrind-out-file=/dev/null"], "Collected :"),
        allocations: per_request(case, &["--tool=memcheck", "--leak-check=no"], "total heap usage:"),
    }
}

/// In a process that keeps its memory, as a server does that has been up for a while; else every
/// chunk would pay for the pages that the last one gave back.
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
    // Memory that is touched for the first time costs more than a request.
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
    // The queue is emptied outside the measured time.
    app.flush();
    let begun = Instant::now();
    (0..CHUNK).for_each(|_| app.serve(case.request));
    begun.elapsed().as_nanos() as f64 / CHUNK as f64
}

/// A number that valgrind prints behind `label`, for one request.
fn per_request(case: Case, tool: &[&str], label: &str) -> Option<f64> {
    let run = |requests: usize| {
        let program = std::env::current_exe().ok()?;
        let output = Command::new("valgrind")
            .args(tool)
            .arg(program)
            .args(["--case", &case.name(), &requests.to_string()])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let number = text.split_once(label)?.1.split_whitespace().next()?.replace(',', "");
        number.parse::<f64>().ok()
    };
    Some((run(LONG)? - run(SHORT)?) / (LONG - SHORT) as f64)
}
