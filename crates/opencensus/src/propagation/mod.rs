//! The trace on its way to other services.

mod outgoing;

pub use outgoing::{current_context, inject, inject_call};
