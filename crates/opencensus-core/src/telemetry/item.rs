//! One item of telemetry.

use crate::telemetry::{
    AvailabilityRecord, EventRecord, ExceptionRecord, MessageRecord, MetricRecord, Origin, PageViewRecord,
    RequestRecord, SpanRecord,
};

/// One finished item of telemetry. Every record converts into it.
///
/// # Examples
///
/// ```
/// use opencensus_core::{MetricRecord, Origin, TelemetryItem};
/// use std::time::SystemTime;
///
/// let item = TelemetryItem::from(MetricRecord::new(Origin::at(SystemTime::now()), "queue.length", 7.0));
/// assert!(matches!(item, TelemetryItem::Metric(metric) if metric.value == 7.0));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TelemetryItem {
    /// An incoming request.
    Request(Box<RequestRecord>),
    /// Any other span.
    Span(Box<SpanRecord>),
    /// An error or a panic.
    Exception(Box<ExceptionRecord>),
    /// A message, such as a log record.
    Message(Box<MessageRecord>),
    /// A custom event.
    Event(Box<EventRecord>),
    /// A page view.
    PageView(Box<PageViewRecord>),
    /// A measured value, or an aggregate of many.
    Metric(Box<MetricRecord>),
    /// The result of an availability test.
    Availability(Box<AvailabilityRecord>),
}

impl TelemetryItem {
    /// Where and when the item was recorded. `None` for requests and other spans, which have these fields
    /// themselves.
    #[must_use]
    pub fn origin_mut(&mut self) -> Option<&mut Origin> {
        match self {
            Self::Request(_) | Self::Span(_) => None,
            Self::Exception(record) => Some(&mut record.origin),
            Self::Message(record) => Some(&mut record.origin),
            Self::Event(record) => Some(&mut record.origin),
            Self::PageView(record) => Some(&mut record.origin),
            Self::Metric(record) => Some(&mut record.origin),
            Self::Availability(record) => Some(&mut record.origin),
        }
    }

    /// The approximate size in memory, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Request(record) => record.size(),
            Self::Span(record) => record.size(),
            Self::Exception(record) => record.size(),
            Self::Message(record) => record.size(),
            Self::Event(record) => record.size(),
            Self::PageView(record) => record.size(),
            Self::Metric(record) => record.size(),
            Self::Availability(record) => record.size(),
        }
    }
}

macro_rules! from {
    ($($record:ident => $kind:ident),*) => {
        $(impl From<$record> for TelemetryItem {
            fn from(record: $record) -> Self {
                Self::$kind(Box::new(record))
            }
        })*
    };
}

from!(RequestRecord => Request, SpanRecord => Span, ExceptionRecord => Exception, MessageRecord => Message);
from!(EventRecord => Event, PageViewRecord => PageView, MetricRecord => Metric, AvailabilityRecord => Availability);
