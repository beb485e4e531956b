//! The cost that the layer adds to a request, above a layer that wraps future and body and does nothing.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench request --no-default-features
//! ```
//!
//! With the features `mail` and `tracing` of this package, which are on by default, a request takes some instructions
//! more.
//!
//! Each request is one `GET /users/{id}` through an axum router, in process, with its body read to the end. The program
//! prints a table. Valgrind (callgrind, memcheck) counts instructions and allocations in runs of
//! different length, so that only the cost of a request remains; the counts repeat exactly. Times are the median of
//! paired differences in one process: compare them with the floor of the same run, not with those of another machine.
//! Without valgrind only times are printed.
//!
//! With `-- --guard` the program counts the main cases alone, above a bare router, and fails when one costs more than
//! `figures.json` allows; `-- --guard --write` writes that file.
//!
//! The worker does not run while requests are served, but before the process's time is read; `--bench export`
//! measures the rest of its work.
//!
//! # Figures
//!
//! Rust 1.95, axum 0.8.9, glibc 2.36, x86-64, 2 shared cores of an AMD EPYC, thin LTO, one codegen unit.
//! The floor, which includes building the request: 10,131 instructions, 24 allocations, 944 ns; with a `traceparent`
//! 11,275, 26 and 1017 ns; with a `tracestate` in addition 12,386, 28 and 1085 ns. Above the floor, with OpenTelemetry's
//! context off / on:
//!
//! | case | instructions | goal | allocations | goal | ns |
//! | --- | --- | --- | --- | --- | --- |
//! | kept | 4064 / 5180 | 1400 / 2300 | 3 / 5 | 3 / 5 | 642 / 738 |
//! | not sampled | 1707 / 2987 | 600 / 1300 | 0 / 2 | 1 / 2 | 218 / 419 |
//! | blacklisted | 1477 / 2745 | 300 / 900 | 0 / 2 | 1 / 2 | 201 / 376 |
//! | kept, added by `traceparent` | 654 / 666 | 250 | 0 | 0 | |
//! | not sampled, added by `traceparent` | 941 / 578 | 250 | 1 / 0 | 0 | |
//! | kept, added by the `tracestate` of a service that keeps every trace | 671 / 743 | | 2 / 2 | | |
//! | kept at a rate below 1, which the context carries | 4057 / 9213 | | 3 / 17 | | 577 / 1043 |
//! | not sampled, but a failure would be kept | 3992 / 5137 | | 3 / 5 | | 542 / 733 |
//! | not sampled, with a blacklist of 10 entries of every form | 3048 | | 0 | | 340 |
//! | not sampled, with a blacklist of 1000 entries | 3863 | | 0 | | 417 |
//!
//! A thousand entries cost 1.6 times as much as ten (2156 and 1341 instructions above a blacklist of two prefixes).
//!
//! Allocations reach their goal, except for the one that a caller's trace costs a request that is not kept. Instructions
//! do not. Their distribution, context off, by callgrind with lines, minus the floor's (measured for an earlier version,
//! which took 3897 and 1592):
//!
//! | part | kept | not sampled |
//! | --- | --- | --- |
//! | allocating and freeing the span, its entry in the extensions, and the extensions' table | 652 | 73 |
//! | moving future, body and record, which are larger than the floor's | 500 | 213 |
//! | growth of the extensions' table, and lookups in it | 315 | 51 |
//! | headers: one pass, comparisons | 227 | 146 |
//! | layer, future, body, scope: `crates/opencensus` | 522 | 397 |
//! | decision, record, queue: `crates/opencensus-core` | 414 | 165 |
//! | the standard library's code that is inlined into these two | 871 | 375 |
//! | making the request current: eight exchanges of 16 bytes | 67 | 57 |
//! | clock, ids, catching panics | 205 | 59 |
//! | the rest | 129 | 59 |
//!
//! The goals did not account for three costs. The extension for handlers is the fourth entry of a table with room for
//! three, and costs about 700 instructions. Texts of the head are copied, because they lie in the connection's buffer of
//! several kilobytes. A request that is not kept is current in every poll, counts as in flight, and its response may be
//! logged. Time is spent elsewhere: a request that is kept takes 70 instructions and 150 ns more than one that is
//! recorded and dropped at its end, because the worker used its memory last.

mod cases;
#[path = "../common/counted.rs"]
mod counted;
#[path = "../common/cpu_time.rs"]
mod cpu_time;
#[path = "../common/discard.rs"]
mod discard;
#[path = "../common/effort.rs"]
mod effort;
#[path = "../common/figures.rs"]
mod figures;
mod floor;
#[path = "../common/guard.rs"]
mod guard;
mod guarded;
#[path = "../common/markdown.rs"]
mod markdown;
#[path = "../common/measure.rs"]
mod measure;
#[path = "../common/ready.rs"]
mod ready;
#[path = "../common/runner.rs"]
mod runner;
#[path = "../common/valgrind.rs"]
mod valgrind;

use std::process::ExitCode;

use crate::cases::Case;
use crate::markdown::{Table, number};
use crate::measure::Cost;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    if has("--guard") {
        return guarded::run(has("--write"));
    }
    runner::main(print);
    ExitCode::SUCCESS
}

fn print(costs: &[(Case, Cost)]) {
    let mut table = Table::new(
        "This project's layer, in every mode",
        "One `GET /users/{id}` through an axum router, above a layer that wraps the future and the body and does nothing \
         else; the rows of that floor are its own cost, with the making of the request. Nanoseconds of CPU time: of the \
         thread that handles the request, and of the process, with the worker that takes the item from the queue.",
        &["case", "ns", "process ns", "instructions", "allocations", "bytes"],
    );
    for (case, cost) in costs {
        let counts = [cost.instructions, cost.allocations, cost.bytes].map(number);
        let times = [cost.time.thread, cost.time.process].map(|nanos| format!("{nanos:.0}"));
        table.row(std::iter::once(case.name()).chain(times).chain(counts));
    }
    println!("{table}");
}
