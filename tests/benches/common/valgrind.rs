//! Runs this program under valgrind, and reads its counts.

use std::process::Command;

/// The count to read.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Count {
    #[allow(dead_code, reason = "not every benchmark counts allocations alone")]
    Allocations,
    #[allow(dead_code, reason = "not every benchmark counts instructions")]
    Instructions,
}

/// All that a run allocated.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "not every benchmark counts bytes")]
pub(crate) struct Heap {
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
}

/// Whether there is a valgrind to run.
#[allow(dead_code, reason = "not every benchmark requires it")]
pub(crate) fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs this program with `arguments` under valgrind. `None`: there is no valgrind, or its output has no such number.
#[allow(dead_code, reason = "not every benchmark counts one number")]
pub(crate) fn count(count: Count, arguments: &[String]) -> Option<f64> {
    match count {
        Count::Allocations => heap(arguments).map(|heap| heap.allocations),
        Count::Instructions => {
            let text = run(&["--tool=callgrind", "--callgrind-out-file=/dev/null"], arguments)?;
            number(text.split_once("Collected :")?.1)
        }
    }
}

/// Runs this program with `arguments` under valgrind's memcheck. `None` as for [`count`].
pub(crate) fn heap(arguments: &[String]) -> Option<Heap> {
    let text = run(&["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"], arguments)?;
    // "total heap usage: 1,234 allocs, 1,200 frees, 56,789 bytes allocated"
    let (_, usage) = text.split_once("total heap usage:")?;
    Some(Heap { allocations: number(usage)?, bytes: number(usage.split_once("frees,")?.1)? })
}

fn run(tool: &[&str], arguments: &[String]) -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind").args(tool).arg(program).args(arguments).output().ok()?;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The number at the start of `text`.
fn number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.replace(',', "").parse().ok()
}
