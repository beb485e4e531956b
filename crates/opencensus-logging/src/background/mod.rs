//! Work on threads of its own, and how to wait for its end. Nothing here knows of handlers.

mod backlog;
mod deadline;
mod drain;
mod queue;

pub(crate) use backlog::Backlog;
pub(crate) use deadline::deadline;
pub(crate) use drain::Drain;
pub(crate) use queue::{Queue, WorkerCallbacks};
