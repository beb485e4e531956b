//! The current request's trace on its way to other services.

mod inject;

pub use inject::{current_context, inject, inject_call};
