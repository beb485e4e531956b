//! One item of telemetry.

use std::borrow::Cow;

use crate::attribute::{Attribute, Value};
use crate::telemetry::{
    AvailabilityRecord, EventRecord, ExceptionRecord, MessageRecord, MetricRecord, Origin, PageViewRecord,
    RequestRecord, SpanRecord,
};

/// One finished item of telemetry.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TelemetryItem {
    /// An incoming request.
    Request(Box<RequestRecord>),
    /// Any other span.
    Span(Box<SpanRecord>),
    /// An error that happened under a span.
    Exception(Box<ExceptionRecord>),
    /// Something else that happened under a span, or a line of a log.
    Message(Box<MessageRecord>),
    /// Something that the application counts by its name.
    Event(Box<EventRecord>),
    /// A page that somebody looked at.
    PageView(Box<PageViewRecord>),
    /// A measured value, or many put together.
    Metric(Box<MetricRecord>),
    /// Whether something could be reached.
    Availability(Box<AvailabilityRecord>),
}

impl TelemetryItem {
    /// Where and when it happened, if it is no span.
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

    /// What happened under a span: OpenTelemetry's event `exception` (exception conventions) is an error,
    /// anything else is told by its name.
    #[must_use]
    pub fn of_event(origin: Origin, name: Cow<'static, str>, attributes: Vec<Attribute>) -> Self {
        if name != "exception" {
            let mut record = MessageRecord::new(origin, name);
            record.attributes = attributes;
            return record.into();
        }
        let mut record = ExceptionRecord::new(origin);
        for attribute in attributes {
            let place = match &*attribute.key {
                "exception.type" => &mut record.type_name,
                "exception.message" => &mut record.message,
                "exception.stacktrace" => &mut record.stack,
                "exception.escaped" => continue,
                _ => {
                    record.attributes.push(attribute);
                    continue;
                }
            };
            *place = Some(match attribute.value {
                Value::Text(text) => text,
                value => value.to_string().into(),
            });
        }
        record.into()
    }

    /// Bytes in memory, about.
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
