//! One incoming request, from its head to its end.
//!
//! [`RequestSpan`] is the live handle, one `Arc` shared by the middleware, the handler and the
//! current context. It ends exactly once; writes that come later change nothing.
//! [`RequestRecord`] is what is known about the request: the finished one travels to the exporter.

mod attribute;
mod changes;
pub mod current;
mod non_recording_request;
mod outcome;
mod outgoing_context;
mod record;
mod record_head;
mod request_span;
mod sampling;
mod text;

pub use attribute::{Attribute, Event, Link, SpanStatus, Value};
pub(crate) use attribute::{attributes_size, text_size};
pub(crate) use changes::Changes;
pub use current::Current;
pub use non_recording_request::NonRecordingRequest;
pub use outcome::{Outcome, OutcomeKind};
pub use outgoing_context::OutgoingContext;
pub use record::RequestRecord;
pub use request_span::RequestSpan;
pub(crate) use sampling::Sampling;
