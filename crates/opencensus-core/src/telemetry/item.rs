//! One item of telemetry.

use std::borrow::Cow;

use crate::ids::TraceId;
use crate::propagation::TraceContext;
use crate::sampling_rate::SamplingRate;
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

    /// The trace that the item belongs to, if it has a context.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        let context = match self {
            Self::Request(record) => Some(record.context()),
            Self::Span(record) => Some(record.context),
            Self::Exception(record) => record.origin.context,
            Self::Message(record) => record.origin.context,
            Self::Event(record) => record.origin.context,
            Self::PageView(record) => record.origin.context,
            Self::Metric(record) => record.origin.context,
            Self::Availability(record) => record.origin.context,
        };
        context.map(TraceContext::trace_id)
    }

    /// The operation that the item belongs to. `None` for requests, which are operations themselves.
    fn operation_mut(&mut self) -> Option<&mut Option<Cow<'static, str>>> {
        match self {
            Self::Request(_) => None,
            Self::Span(record) => Some(&mut record.operation),
            other => other.origin_mut().map(|origin| &mut origin.operation),
        }
    }

    /// Whether the item is sent whatever the decision about its request is: it represents itself alone.
    pub(crate) fn is_unsampled(&self) -> bool {
        matches!(self, Self::Request(_) | Self::Metric(_) | Self::Availability(_))
    }

    /// Places the item below a request, unless it has a place.
    pub(crate) fn set_context(&mut self, context: TraceContext) {
        if let Some(origin) = self.origin_mut() {
            origin.context.get_or_insert(context);
        }
    }

    /// Sets the rate at which items of the same kind are kept.
    pub(crate) fn set_rate(&mut self, rate: Option<SamplingRate>) {
        match self {
            Self::Request(record) => record.set_rate(rate),
            Self::Span(record) => record.rate = rate,
            other => {
                if let Some(origin) = other.origin_mut() {
                    origin.rate = rate;
                }
            }
        }
    }

    /// Names the operation that the item belongs to, unless it has a name.
    pub(crate) fn set_operation(&mut self, name: impl FnOnce() -> String) {
        if let Some(operation) = self.operation_mut() {
            operation.get_or_insert_with(|| name().into());
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
