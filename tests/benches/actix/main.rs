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
#[path = "../shared/discard.rs"]
mod discard;
#[path = "../shared/measure.rs"]
mod measure;
#[path = "../shared/ready.rs"]
mod ready;
#[path = "../shared/runner.rs"]
mod runner;
#[path = "../shared/valgrind.rs"]
mod valgrind;

fn main() {
    runner::main();
}
