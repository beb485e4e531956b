//! One incoming request, from its head to its end.
//!
//! [`RequestSpan`] is the live handle, one `Arc` shared by the middleware, the handler and the
//! current context. It ends exactly once; writes that come later change nothing. The finished
//! request is a [`RequestRecord`](crate::telemetry::RequestRecord), which travels to the exporter.

pub mod current;
mod non_recording_request;
mod outgoing_context;
mod request_span;

pub use current::Current;
pub use non_recording_request::NonRecordingRequest;
pub use outgoing_context::OutgoingContext;
pub use request_span::RequestSpan;
