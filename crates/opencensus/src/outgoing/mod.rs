//! Outgoing calls: their headers, and their records.
//!
//! [`ClientLayer`] records the calls of an HTTP client. [`Telemetry::call`](crate::Telemetry::call) records a call of
//! any other client, and [`DependencySpan`](crate::DependencySpan) one of a database or of anything else.
//! [`inject`] writes headers alone.

mod begin;
mod call;
mod call_head;
mod client;
mod error_text;
mod inject;

pub use call::Call;
pub use call_head::CallName;
#[cfg(feature = "reqwest-middleware")]
pub use client::ReqwestFuture;
pub use client::{ClientBody, ClientFuture, ClientLayer, ClientService};
pub use inject::{inject, inject_call};
pub(crate) use inject::{parent_of_call, write, write_call};
