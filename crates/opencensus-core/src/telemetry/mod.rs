//! The items that the pipeline exports.
//!
//! A [`TelemetryItem`] holds the record of its kind, such as a [`RequestRecord`] for an incoming request.

mod availability;
mod backtrace;
mod event;
mod event_item;
mod exception;
mod item;
mod message;
mod metric;
mod origin;
mod page_view;
pub(crate) mod request;
mod severity;
mod span_event;
mod span_link;
mod span_record;
mod span_status;

pub use availability::AvailabilityRecord;
pub use event::EventRecord;
pub use exception::{ExceptionCause, ExceptionRecord};
pub use item::TelemetryItem;
pub use message::MessageRecord;
pub use metric::MetricRecord;
pub use origin::Origin;
pub use page_view::PageViewRecord;
pub use request::{GrpcStatus, Outcome, OutcomeKind, RequestRecord};
pub use severity::Severity;
pub use span_event::Event;
pub use span_link::Link;
pub use span_record::{SpanKind, SpanRecord};
pub use span_status::SpanStatus;
