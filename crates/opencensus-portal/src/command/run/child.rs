//! Runs a child process, and passes signals on to it.

use std::io::ErrorKind;
use std::process::ExitStatus;

use tokio::process::{Child, Command};

use crate::command::error::CommandError;
use crate::command::signal::Forwarded;

/// Runs the command to its end. It inherits the standard streams.
///
/// # Errors
///
/// The command cannot be started: the exit code is 127 if it does not exist, else 126.
pub(super) async fn run(mut command: Command, mut signals: Forwarded) -> Result<ExitStatus, CommandError> {
    let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            signal = signals.next() => pass_on(&child, signal),
        }
    }
}

fn not_started(command: &Command, error: &std::io::Error) -> CommandError {
    let program = command.as_std().get_program().to_string_lossy();
    let code = if error.kind() == ErrorKind::NotFound { 127 } else { 126 };
    CommandError::NotStarted { message: format!("`{program}` cannot be started: {error}"), code }
}

#[cfg(unix)]
fn pass_on(child: &Child, signal: rustix::process::Signal) {
    use rustix::process::{Pid, kill_process};
    // The child is not reaped yet, so that the id is still its own.
    let id = child.id().and_then(|id| Pid::from_raw(id as i32));
    if let Some(id) = id {
        let _ = kill_process(id, signal);
    }
}

/// The console sends Ctrl-C to the child too.
#[cfg(not(unix))]
fn pass_on(_: &Child, (): ()) {}

/// The child's exit code, or 128 and the number of the signal that ended it.
#[cfg(unix)]
pub(super) fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// The child's exit code. Codes above 255 become 1.
#[cfg(not(unix))]
pub(super) fn exit_code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
