//! The cost that middleware adds to a request in actix-web, above an application without middleware.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench actix
//! ```
//!
//! One `GET /users/{id}`, in process, the body read to its end; the table is as that of
//! `cargo bench -p opencensus-benches --bench request --no-default-features`. The other crates pass their spans to OpenTelemetry's
//! batch processor, `tracing-actix-web` through `tracing-opentelemetry`. No worker thread runs during the measurement.

mod cases;
#[path = "../common/discard.rs"]
mod discard;
#[path = "../common/measure.rs"]
mod measure;
#[path = "../common/ready.rs"]
mod ready;
#[path = "../common/runner.rs"]
mod runner;
#[path = "../common/valgrind.rs"]
mod valgrind;

fn main() {
    runner::main();
}
