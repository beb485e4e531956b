//! Commands of handles to the worker.

use crate::pipeline::completion::Finisher;

/// A command of a handle to the worker. The worker completes the finisher when it has executed the command.
pub(super) enum Command {
    Flush(Finisher),
    Shutdown(Finisher),
}
