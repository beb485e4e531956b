//! The cost that middleware adds to a request in actix-web, beside other implementations.
//!
//! ```text
//! cargo bench --manifest-path tests/benches/peers/Cargo.toml --bench actix
//! ```
//!
//! One `GET /users/{id}`, in process, the body read to its end. `tests/benches/README.md` has the method.
//!
//! Why each costs what it costs: opentelemetry-instrumentation-actix-web builds the span's name and owned attributes
//! before the sampler decides, and boxes the future; tracing-actix-web carries the span through `tracing`, and makes a
//! random id for each request.

mod app;
#[path = "../common/cases.rs"]
mod cases;
#[path = "../../common/cpu_time.rs"]
mod cpu_time;
#[path = "../../common/discard.rs"]
mod discard;
#[path = "../../common/effort.rs"]
mod effort;
#[path = "../../common/markdown.rs"]
mod markdown;
#[path = "../../common/measure.rs"]
mod measure;
mod middleware;
#[path = "../common/ours.rs"]
mod ours;
#[path = "../common/parents.rs"]
mod parents;
#[path = "../../common/ready.rs"]
mod ready;
#[path = "../common/recorded.rs"]
mod recorded;
#[path = "../common/report.rs"]
mod report;
#[path = "../common/results.rs"]
mod results;
mod root_span;
#[path = "../../common/runner.rs"]
mod runner;
#[path = "../common/sdk.rs"]
mod sdk;
#[path = "../common/share.rs"]
mod share;
#[path = "../common/target.rs"]
mod target;
mod targets;
#[path = "../../common/valgrind.rs"]
mod valgrind;

use crate::cases::Case;
use crate::measure::Cost;

fn main() {
    runner::main(print);
}

fn print(costs: &[(Case, Cost)]) {
    report::print("actix-web", costs);
    targets::print(costs);
}
