//! What a handle sends to the worker.

use crate::pipeline::completion::Finisher;

/// A request from a handle to the worker.
pub(super) enum Command {
    Flush(Finisher),
    Shutdown(Finisher),
}
