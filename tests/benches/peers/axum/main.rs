//! The cost that middleware adds to a request in axum, beside other implementations.
//!
//! ```text
//! cargo bench --manifest-path tests/benches/peers/Cargo.toml --bench axum
//! ```
//!
//! One `GET /users/{id}`, in process, the body read to its end. `tests/benches/README.md` has the method.
//!
//! Why each costs what it costs:
//!
//! - opentelemetry-instrumentation-tower builds the span's name and owned attributes before the sampler decides, so a
//!   request that is not sampled costs nearly as much as one that is.
//! - axum-tracing-opentelemetry, and tower-http with tracing-opentelemetry, carry the span through `tracing`: a slot in
//!   the registry, a visitor for every field, and an exchange of the current span at each enter and exit.
//! - sentry-tower creates a hub, copies all headers into maps, and formats the URL for each request.
//! - The layer by hand does what the first does, without the body's wrapper.

mod app;
mod by_hand;
#[path = "../common/cases.rs"]
mod cases;
#[path = "../../common/cpu_time.rs"]
mod cpu_time;
#[path = "../../common/discard.rs"]
mod discard;
#[path = "../../common/effort.rs"]
mod effort;
mod empty;
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
#[path = "../../common/runner.rs"]
mod runner;
#[path = "../common/sdk.rs"]
mod sdk;
mod sentry_layer;
#[path = "../common/share.rs"]
mod share;
#[path = "../common/target.rs"]
mod target;
mod targets;
mod tower_http_layer;
#[path = "../../common/valgrind.rs"]
mod valgrind;

use crate::cases::Case;
use crate::measure::Cost;

fn main() {
    runner::main(print);
}

fn print(costs: &[(Case, Cost)]) {
    report::print("axum", costs);
    targets::print(costs);
}
