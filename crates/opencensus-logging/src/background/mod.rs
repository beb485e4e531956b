//! Work on threads of their own.

mod queue;

pub use queue::QueueHandler;
pub(crate) use queue::{Duties, Queue, deadline};
