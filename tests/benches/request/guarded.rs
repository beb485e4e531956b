//! The cases whose figures are committed in `figures.json`.

use std::path::Path;
use std::process::ExitCode;

use crate::cases::Case;
use crate::counted::Counted;
use crate::guard::Guard;

/// Requests in the two counted runs: the shortest whose counts repeat within 0.1 % of a whole request. What the worker does
/// once in a run, at a time that differs, is up to 17,000 instructions.
const LENGTHS: [usize; 2] = [200, 2200];

/// Counts the cases, and compares them with the committed figures or writes these.
pub(crate) fn run(write: bool) -> ExitCode {
    let guard = Guard {
        heading: "A request, above a bare axum router",
        method: "Instructions and allocations of one `GET /users/{id}`, counted by valgrind; `bare` is the whole request \
                 without a layer.",
        command: "cargo bench -p opencensus-benches --bench request --no-default-features -- --guard",
        file: Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/request/figures.json")),
        cases: Case::guarded().into_iter().map(counted).collect(),
    };
    guard.run(write)
}

fn counted(case: Case) -> Counted {
    let bare = case.bare().name();
    let name = case.name();
    Counted { above: (name != bare).then_some(bare), name, lengths: LENGTHS, units: 1 }
}
