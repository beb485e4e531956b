//! How the cost of a request grows with threads and with the rate of requests, and how much memory telemetry takes.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench scaling --no-default-features
//! ```
//!
//! Each request is one `GET /users/{id}` through an axum router, in process, with its body read to the end. Every
//! figure stands beside that of the bare router, measured in the same process, in turn. Processor time is read from the
//! system's clocks of threads and processes. On a machine with other work, compare differences only. OpenTelemetry's
//! context, which is on by default, is off: the benchmark `request` counts what it adds.
//!
//! # More cores than there are here
//!
//! The figures come from two cores, and do not show what 64 do. An estimate follows from the cache lines that a
//! request writes and that other threads write, too: each atomic read-modify-write on such a line moves the line from
//! another core, which takes 40 to 100 ns within a socket and 100 to 300 ns between sockets, and the line serves one
//! core at a time: 10 to 25 million a second within a socket, for all threads together.
//!
//! Threads are spread over stripes, twice as many as cores, at least 4 and at most 64. A request's thread writes these
//! lines, which no other thread writes unless there are more busy threads than stripes, or the request moves to another
//! thread; the worker touches those marked with *:
//!
//! | line of a stripe | read-modify-writes of a kept request | of one that is not sampled |
//! | --- | --- | --- |
//! | counters: requests begun and finished, items accepted, requests not sampled | 3 | 3 |
//! | count of the queue's owners*; for one that is not sampled, of the shared request's | 1 | 2 |
//! | room for items and bytes that the stripe has taken in advance | 1 | |
//! | tail of the stripe's queue | 1 | |
//! | slot of the stripe's queue* | 1 | |
//!
//! All threads share these:
//!
//! | line | read-modify-writes of a kept request | of one that is not sampled |
//! | --- | --- | --- |
//! | items and bytes that are accepted and not settled*, for every 16th item or for every 8 to 32 KiB | 2 / 16 | 0 |
//! | state of the queue, limits, settings, sampler, blacklist | read only | read only |
//!
//! A single queue with shared counters, which this replaced, had 11 and 5 on lines that all threads share: about 0.5 µs a
//! kept request when many cores take turns, and at most about 5 million kept requests a second. What is left, an eighth
//! of a read-modify-write, is 5 to 15 ns a request, and bounds a process to about 100 million. The bound of items and bytes
//! stays exact: what stripes hold in advance is a part of it, at most a sixteenth, and is recalled before an item is
//! refused.
//!
//! The worker is one thread. It encodes and compresses some 300,000 items a second; what exceeds that for longer than the
//! queue has room is refused and counted, however many cores handle requests. A sampling rate keeps it below.

mod app;
mod clock;
#[path = "../common/discard.rs"]
mod discard;
#[path = "../common/markdown.rs"]
mod markdown;
mod memory;
mod rates;
#[path = "../common/ready.rs"]
mod ready;
mod threads;

use std::process::Command;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo bench` adds `--bench`; child processes get a part to measure.
    match arguments.get(1).map(String::as_str) {
        Some("--threads") => threads::measure(&arguments[2], &arguments[3]),
        Some("--rate") => rates::measure(&arguments[2], &arguments[3]),
        Some("--memory") => memory::measure(&arguments[2], &arguments[3]),
        _ => {
            println!("{}", threads::table());
            println!("{}", rates::table());
            println!("{}", memory::at_rest());
            println!("{}", memory::in_flight());
            println!("{}", memory::sizes());
        }
    }
}

/// Measures one part in a process that keeps its memory, as a long-running server does, and returns the numbers that it
/// prints.
fn child(part: &str, fate: &str, count: usize) -> Vec<f64> {
    eprintln!("measuring: {part} {fate} {count}");
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args([part, fate, &count.to_string()]);
    if part != "--memory" {
        command.env("MALLOC_TRIM_THRESHOLD_", "1073741824").env("MALLOC_TOP_PAD_", "67108864");
    }
    let output = command.output().expect("a child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}
