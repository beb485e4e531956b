//! The cost that the layer adds to a request, above a router without a layer.
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
//! Rust 1.95, axum 0.8.9, glibc 2.36, x86-64, thin LTO, one codegen unit. Above a router without a layer, which takes 9,074
//! instructions and 21 allocations with the request that is built for it; an empty layer, which wraps future and body,
//! takes 1,057 and 3 of them. With OpenTelemetry's context off / on:
//!
//! | case | instructions | goal | allocations | goal |
//! | --- | --- | --- | --- | --- |
//! | kept | 4909 / 5916 | 4000 / 5000 | 6 / 8 | 5 / 7 |
//! | not sampled | 2457 / 3470 | 2200 / 3000 | 3 / 4 | 4 / 5 |
//! | blacklisted | 2436 / 3461 | 1900 | 3 / 4 | |
//! | kept, added by `traceparent` | 303 / 302 | 400 | 0 | 0 |
//! | not sampled, added by `traceparent` | 565 / 425 | 400 | 0 / 0 | 0 |
//! | blacklisted, added by `traceparent` | 393 / 244 | 400 | 0 / 0 | 0 |
//! | kept at a rate below 1 | 4975 / 7702 | as kept / 6900 | 6 / 14 | as kept / 10 |
//! | not sampled, but a failure would be kept | 4953 / 5962 | | 6 / 8 | |
//! | not sampled, with a blacklist of 10 entries of every form | 3459 | | 3 | |
//! | not sampled, with a blacklist of 1000 entries | 4349 | | 3 | |
//!
//! Not sampled means a sampler that keeps nothing: it is not called, and no ids are drawn, for a request without a caller. A
//! caller's trace makes the sampler decide by it, which is most of what `traceparent` adds there.
//!
//! Where the instructions are, context off, by callgrind, above the bare router (for a version that took 4840
//! and 2387):
//!
//! | part | kept | not sampled | empty layer |
//! | --- | --- | --- | --- |
//! | malloc and free | 943 | 441 | 387 |
//! | memcpy and memcmp | 608 | 335 | 151 |
//! | the layer (`crates/opencensus`) with the library code inlined into it | 1069 | 612 | 0 |
//! | decision, record, queue (`crates/opencensus-core`), likewise | 743 | 170 | 0 |
//! | axum, http, tower, futures: moves of larger futures and responses | 420 | 372 | 322 |
//! | the extensions' table | 417 | 35 | 0 |
//! | the headers | 143 | 143 | 0 |
//! | other library code, clock, glibc | 497 | 279 | 197 |
//!
//! The goals are missed for these reasons:
//!
//! - The span in the request's extensions. It is the fourth entry of a table with room for three: 450 instructions to grow
//!   the table and insert, 60 for its box, 150 to drop the larger table, and two of the six allocations. Nothing else
//!   that travels with a request through tower's `Buffer` or a task can carry it: addresses of headers and target do not
//!   distinguish a request from a new one in the same memory, and a table beside the request would need a lock.
//! - The texts of the head are copied, because they lie in the connection's buffer of several kilobytes.
//! - A request that is not kept is current in each of its four polls, its headers are read for the caller's trace, and its
//!   response may be logged.
//! - A panic is caught to record its message. The future passes through `catch_unwind` by value.
//! - A response with a wrapped body has more than 128 bytes, up to which the compiler moves it without a call. axum moves it
//!   three times. Half of its size would not change that.
//! - With the context: OpenTelemetry attaches and detaches it in four places, 430 instructions, and keeps its span in two
//!   allocations. It copies the caller's or the rate's `tracestate`, a list of texts, into each: six allocations at a rate
//!   below 1, though the list is made once for each rate and thread.
//!
//! Tried, without effect: an inlined drop of the guard alone (the exchange of the request costs it, not the call); the texts
//! of the head appended one by one, not in a loop; the end as an instant from which the worker computes the duration; the
//! call of the inner service through references into `catch_unwind` (20 instructions more, the same time within the noise).
//!
//! Counters and queue in lanes took about as many instructions as shared ones (204 and 194 for a kept request); what they
//! save is the other threads' cache lines: see the benchmark `scaling`.

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
