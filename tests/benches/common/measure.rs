//! Measures the time of a case, and counts its instructions and allocations.

use std::process::Command;

use crate::cases::{App, Case};
use crate::cpu_time::CpuTime;
use crate::effort::Effort;
use crate::valgrind::{self, Count, Heap};

/// Requests in a timed chunk: fewer than the queue holds.
const CHUNK: usize = 3_000;

/// The cost of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) time: Time,
    pub(crate) instructions: Option<f64>,
    pub(crate) allocations: Option<f64>,
    pub(crate) bytes: Option<f64>,
}

/// Nanoseconds of CPU time above the floor, as the median of paired differences. For a floor, its own time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Time {
    /// Of the thread that handles the request.
    pub(crate) thread: f64,
    /// Of all threads, until the exporter has received the last item.
    pub(crate) process: f64,
}

impl Cost {
    /// Subtracts the counts of the floor.
    pub(crate) fn above(&self, floor: Option<&Self>) -> Self {
        let Some(floor) = floor else { return *self };
        let minus = |cost: Option<f64>, floor: Option<f64>| cost.zip(floor).map(|(cost, floor)| cost - floor);
        Self {
            time: self.time,
            instructions: minus(self.instructions, floor.instructions),
            allocations: minus(self.allocations, floor.allocations),
            bytes: minus(self.bytes, floor.bytes),
        }
    }
}

pub(crate) fn cost(case: Case, effort: Effort) -> Cost {
    eprintln!("measuring: {}", case.name());
    let times: Vec<Time> = (0..effort.processes()).map(|_| time_of_child(case, effort)).collect();
    let heap = |run: fn(&Heap) -> f64, heaps: &Option<(Heap, Heap)>| {
        heaps.as_ref().map(|(short, long)| per_request(run(short), run(long), effort))
    };
    let heaps = both(effort, |requests| valgrind::heap(&arguments(case, requests)));
    let collected = both(effort, |requests| valgrind::count(Count::Instructions, &arguments(case, requests)));
    Cost {
        time: Time { thread: median(&times, |time| time.thread), process: median(&times, |time| time.process) },
        instructions: collected.map(|(short, long)| per_request(short, long, effort)),
        allocations: heap(|heap| heap.allocations, &heaps),
        bytes: heap(|heap| heap.bytes, &heaps),
    }
}

/// Measures in a process that keeps its memory, as a long-running server does. Otherwise every chunk
/// would pay for the pages that the previous one returned.
fn time_of_child(case: Case, effort: Effort) -> Time {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["--time", &case.name(), &effort.rounds().to_string()])
        .env("MALLOC_TRIM_THRESHOLD_", "1073741824")
        .env("MALLOC_TOP_PAD_", "67108864")
        .output()
        .expect("a child");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let failure = || format!("{}: {}", case.name(), String::from_utf8_lossy(&output.stderr));
    let mut numbers = text.split_whitespace().map(|number| number.parse().unwrap_or_else(|_| panic!("{}", failure())));
    let mut next = || numbers.next().unwrap_or_else(|| panic!("{}", failure()));
    Time { thread: next(), process: next() }
}

/// The time of a case in this process: one chunk of the floor and one of the case in turn.
pub(crate) fn time(case: Case, rounds: usize) -> Time {
    let (mut app, mut floor) = (case.app(false), case.floor().app(false));
    // The first use of memory costs more than a request.
    for app in [&mut app, &mut floor] {
        chunk(app, case);
    }
    let differences: Vec<Time> = (0..rounds)
        .map(|_| {
            let below = if case.is_floor() { Time::default() } else { chunk(&mut floor, case) };
            let time = chunk(&mut app, case);
            Time { thread: time.thread - below.thread, process: time.process - below.process }
        })
        .collect();
    Time { thread: median(&differences, |time| time.thread), process: median(&differences, |time| time.process) }
}

/// The queue is emptied at the end: only the process's time includes that.
fn chunk(app: &mut App, case: Case) -> Time {
    let begun = CpuTime::now();
    (0..CHUNK).for_each(|_| app.serve(case.request));
    let served = CpuTime::now();
    app.flush();
    let flushed = CpuTime::now();
    Time {
        thread: (served.thread - begun.thread) / CHUNK as f64,
        process: (flushed.process - begun.process) / CHUNK as f64,
    }
}

fn median(times: &[Time], of: fn(&Time) -> f64) -> f64 {
    let mut values: Vec<f64> = times.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn arguments(case: Case, requests: usize) -> [String; 3] {
    ["--case".to_owned(), case.name(), requests.to_string()]
}

fn both<T>(effort: Effort, run: impl Fn(usize) -> Option<T>) -> Option<(T, T)> {
    let (short, long) = effort.counted();
    Some((run(short)?, run(long)?))
}

fn per_request(short_run: f64, long_run: f64, effort: Effort) -> f64 {
    let (short, long) = effort.counted();
    (long_run - short_run) / (long - short) as f64
}
