//! One incoming request while it is handled.
//!
//! [`RequestSpan`] is the handle of a request that is recorded: one `Arc` that the middleware, the
//! handler and the current context share. It ends exactly once; later writes are ignored. At its end it
//! becomes a [`RequestRecord`](crate::telemetry::RequestRecord), which the pipeline exports.
//! [`NonRecordingRequest`] represents a request that is not recorded, whose trace continues unsampled.
//! [`Current`] is either of them, and [`current`] gives access to the one that this thread handles.

pub mod current;
mod fate;
mod innermost;
mod non_recording_request;
mod outgoing_context;
mod place;
mod request_identity;
mod request_item;
mod request_items;
mod request_span;
mod waiting_items;

pub use current::Current;
pub use non_recording_request::NonRecordingRequest;
pub use outgoing_context::OutgoingContext;
pub use request_span::RequestSpan;
pub(crate) use request_span::RequestStart;
