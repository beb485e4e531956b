//! Propagates the current request's trace to other services.

mod inject;

pub use inject::{inject, inject_call};
pub(crate) use inject::{parent_of_call, write, write_call};
