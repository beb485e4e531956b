//! Background threads: a bounded queue with a worker, and the list of all queues, by which a flush and a shutdown wait
//! for them. Nothing here uses handlers.

mod backlog;
mod deadline;
mod drain;
mod queue;

pub(crate) use backlog::Backlog;
pub(crate) use deadline::deadline;
pub(crate) use drain::Drain;
pub(crate) use queue::{Queue, WorkerCallbacks};
