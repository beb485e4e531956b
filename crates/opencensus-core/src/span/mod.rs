//! One incoming request while it is handled.
//!
//! [`RequestSpan`] is the handle of a request that is recorded: one `Arc` that the middleware, the
//! handler and the current context share. It ends exactly once; later writes are ignored. At its end it
//! becomes a [`RequestRecord`](crate::telemetry::RequestRecord), which the pipeline exports.
//! [`NonRecordingRequest`] represents a request that is not recorded, whose trace continues unsampled.
//! [`DependencySpan`] is a call to another service or to a database, below a request.
//! [`Current`] is either of them, and [`current`] gives access to the one that this thread handles.

pub mod current;
mod dependency_owner;
mod dependency_span;
mod fate;
mod innermost;
mod instrumented;
mod non_recording_request;
mod outgoing_context;
mod place;
mod request_identity;
mod request_item;
mod request_items;
mod request_span;
mod spare_memory;
mod waiting_items;

pub use current::Current;
pub(crate) use dependency_owner::{DependencyOwner, RootDependency};
pub use dependency_span::DependencySpan;
pub use instrumented::Instrumented;
pub use non_recording_request::NonRecordingRequest;
pub use outgoing_context::OutgoingContext;
pub use request_span::RequestSpan;
pub(crate) use request_span::RequestStart;
