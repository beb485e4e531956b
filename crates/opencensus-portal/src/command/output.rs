//! Writes lines to the standard output.

use std::io::{self, ErrorKind, Write as _};

/// Writes a line to the standard output. A reader that closed its end, such as `head`, is no error.
///
/// # Errors
///
/// The standard output fails in another way.
pub(super) fn print_line(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    match writeln!(output, "{line}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line to the standard error stream. Failures are ignored: there is no other place to report them.
pub(super) fn print_error(line: &str) {
    let _ = writeln!(io::stderr().lock(), "opencensus-portal: {line}");
}
