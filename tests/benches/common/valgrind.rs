//! Runs this program under valgrind, and reads its counts.

use std::process::Command;

/// The count to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Allocations,
    #[allow(dead_code, reason = "not every benchmark counts instructions")]
    Instructions,
}

/// Runs this program with `arguments` under valgrind. `None`: there is no valgrind, or its output has no such number.
pub(crate) fn count(count: Count, arguments: &[String]) -> Option<f64> {
    let (tool, label): (&[&str], _) = match count {
        Count::Allocations => (&["--tool=memcheck", "--leak-check=no"], "total heap usage:"),
        Count::Instructions => (&["--tool=callgrind", "--callgrind-out-file=/dev/null"], "Collected :"),
    };
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind").args(tool).arg(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.split_once(label)?.1.split_whitespace().next()?.replace(',', "").parse().ok()
}
