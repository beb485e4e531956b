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
//!
//! # Figures
//!
//! Rust 1.95, axum 0.8.9, glibc 2.36, x86-64, 2 shared cores at 2.5 GHz, thin LTO, one codegen unit.
//! The floor: 10,136 instructions, 24 allocations, 741 ns, the making of the request included; with a
//! `traceparent` 11,277, 26 and 796 ns, with a `tracestate` as well 12,384, 28 and 815 ns. Above it,
//! OpenTelemetry's context off / on:
//!
//! | case | instructions | aimed at | allocations | aimed at | ns |
//! | --- | --- | --- | --- | --- | --- |
//! | kept | 3902 / 4981 | 1400 / 2300 | 3 / 5 | 3 / 5 | 631 / 794 |
//! | not sampled | 1597 / 2741 | 600 / 1300 | 0 / 2 | 1 / 2 | 136 / 274 |
//! | blacklisted | 1408 / 2552 | 300 / 900 | 0 / 2 | 1 / 2 | 125 / 243 |
//! | `traceparent` adds, kept | 582 / 582 | 250 | 0 | 0 | |
//! | `traceparent` adds, not sampled | 792 / 518 | 250 | 1 / 0 | 0 | |
//! | `tracestate` of a service of ours that keeps everything adds, kept | 642 / 736 | | 2 / 2 | | |
//! | kept at a rate below 1, which the context tells | 3907 / 9015 | | 3 / 17 | | 614 / 2194 |
//! | not sampled, but a failure would be kept | 3843 / 4961 | | 3 / 5 | | 354 / 516 |
//! | not sampled, past a blacklist of 10 entries of every form | 2554 | | 0 | | 203 |
//! | not sampled, past one of 1000 | 3344 | | 0 | | 257 |
//!
//! So a thousand entries cost 1.8 times what ten do (1747 and 957 above a blacklist of two prefixes).
//!
//! Allocations meet their aim but for the one that a caller's trace costs a request that is not kept;
//! instructions do not. Where they go, context off, by callgrind with lines, in both runs less the floor's:
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
//! and its answer may go to the loggers.

mod cases;
mod floor;
mod harness;
mod measure;

fn main() {
    harness::main();
}
