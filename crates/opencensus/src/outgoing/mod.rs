//! Outgoing calls: their headers, and their records.
//!
//! [`Telemetry::call`](crate::Telemetry::call) records a call of an HTTP client, and [`DependencySpan`](crate::DependencySpan) one of a database or of anything else.
//! [`inject`] writes headers alone.

mod begin;
mod call;
mod call_head;
mod error_text;
mod inject;

pub use call::Call;
pub use call_head::CallName;
pub use inject::{inject, inject_call};
pub(crate) use inject::{parent_of_call, write, write_call};
