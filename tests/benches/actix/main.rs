//! What middleware adds to a request in actix-web, above an application without any.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench actix
//! ```
//!
//! One `GET /users/{id}`, in process, the body read to its end; the table is made as that of
//! `cargo bench -p opencensus-benches --bench request --no-default-features`. Others hand their spans to OpenTelemetry's batch processor;
//! `tracing-actix-web` does so through `tracing-opentelemetry`. No worker works meanwhile, theirs nor ours.

mod cases;
#[path = "../shared/discard.rs"]
mod discard;
#[path = "../shared/measure.rs"]
mod measure;
#[path = "../shared/runner.rs"]
mod runner;

fn main() {
    runner::main();
}
