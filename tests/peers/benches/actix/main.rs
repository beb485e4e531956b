//! What middleware adds to a request in actix-web, above an application without any.
//!
//! ```text
//! cargo bench -p peers --bench actix
//! ```
//!
//! One `GET /users/{id}`, in process, the body read to its end; the table is made as that of
//! `cargo bench -p opencensus --bench request`. Others hand their spans to OpenTelemetry's batch processor;
//! `tracing-actix-web` does so through `tracing-opentelemetry`. No worker works meanwhile, theirs nor ours.

mod cases;
#[path = "../../../../crates/opencensus/benches/request/discard.rs"]
mod discard;
#[path = "../../../../crates/opencensus/benches/request/harness.rs"]
mod harness;
#[path = "../../../../crates/opencensus/benches/request/measure.rs"]
mod measure;

fn main() {
    harness::main();
}
