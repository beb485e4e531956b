//! What the layer adds to a request, above a layer that wraps future and body and does nothing.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench request --no-default-features
//! ```
//!
//! With the features `actix` and `mail` of this package, which are on by default, a request takes up to 60 instructions
//! more.
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
//! Rust 1.95, axum 0.8.9, glibc 2.36, x86-64, 2 shared cores at 2.5 GHz, thin LTO, one codegen unit.
//! The floor: 10,136 instructions, 24 allocations, 689 ns, the making of the request included; with a
//! `traceparent` 11,277, 26 and 727 ns, with a `tracestate` as well 12,384, 28 and 775 ns. Above it,
//! OpenTelemetry's context off / on:
//!
//! | case | instructions | aimed at | allocations | aimed at | ns |
//! | --- | --- | --- | --- | --- | --- |
//! | kept | 3823 / 4904 | 1400 / 2300 | 3 / 5 | 3 / 5 | 523 / 624 |
//! | not sampled | 1529 / 2671 | 600 / 1300 | 0 / 2 | 1 / 2 | 113 / 247 |
//! | blacklisted | 1340 / 2482 | 300 / 900 | 0 / 2 | 1 / 2 | 97 / 262 |
//! | `traceparent` adds, kept | 606 / 606 | 250 | 0 | 0 | |
//! | `traceparent` adds, not sampled | 817 / 545 | 250 | 1 / 0 | 0 | |
//! | `tracestate` of a service of ours that keeps everything adds, kept | 646 / 738 | | 2 / 2 | | |
//! | kept at a rate below 1, which the context tells | 3834 / 8938 | | 3 / 17 | | 376 / 723 |
//! | not sampled, but a failure would be kept | 3757 / 4875 | | 3 / 5 | | 367 / 492 |
//! | not sampled, past a blacklist of 10 entries of every form | 2500 | | 0 | | 173 |
//! | not sampled, past one of 1000 | 3291 | | 0 | | 236 |
//!
//! So a thousand entries cost 1.8 times what ten do (1762 and 971 above a blacklist of two prefixes).
//!
//! Allocations meet their aim but for the one that a caller's trace costs a request that is not kept;
//! instructions do not. Where they go, context off, by callgrind with lines, in both runs less the floor's
//! (taken before the head was parted from the rest, which saved 74 and 63):
//!
//! | part | kept | not sampled |
//! | --- | --- | --- |
//! | allocating and freeing: span, entry of the extensions, their table, which axum has filled | 652 | 73 |
//! | moving future, body and record, which are larger than the floor's | 500 | 213 |
//! | that table's growth, and look-ups in it | 315 | 51 |
//! | headers: one walk, comparing | 227 | 146 |
//! | layer, future, body, scope: `crates/opencensus` | 522 | 397 |
//! | decision, record, queue: `crates/opencensus-core` | 414 | 165 |
//! | the standard library's code inlined into these two | 871 | 375 |
//! | making the request current, eight exchanges of 16 bytes | 67 | 57 |
//! | clock, ids, catching panics | 205 | 59 |
//! | the rest | 129 | 59 |
//!
//! What the aims left out: the extension for handlers is the fourth entry of a table that holds three,
//! and alone costs about 700; texts of the head are copied, since what they lie in is the connection's
//! buffer of several kilobytes; a request that is not kept is current in every poll, counts in flight,
//! and its answer may go to the loggers. Time goes elsewhere: between a request that is kept and one that
//! was recorded and is dropped at its end there are 70 instructions and 150 ns, which is memory that the
//! worker had last.

mod cases;
#[path = "../shared/discard.rs"]
mod discard;
mod floor;
#[path = "../shared/measure.rs"]
mod measure;
#[path = "../shared/runner.rs"]
mod runner;

fn main() {
    runner::main();
}
