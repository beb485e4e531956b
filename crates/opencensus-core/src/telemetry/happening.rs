//! What happened under a span.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use crate::propagation::TraceContext;
use crate::resource::Resource;
use crate::sampler::SamplingRate;
use crate::span::{Attribute, Value, attributes_size, text_size};
use crate::telemetry::TelemetryItem;

/// Where and when something happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Origin {
    /// When.
    pub time: SystemTime,
    /// The span that it happened under.
    pub context: Option<TraceContext>,
    /// The name of the operation that the span belongs to, if it is known.
    pub operation: Option<Cow<'static, str>>,
    /// The share of such items that it stands for: its span's. `None`: unknown.
    pub rate: Option<SamplingRate>,
    /// In whose process. `None`: the exporter's own.
    pub resource: Option<Arc<Resource>>,
}

/// How grave something is; OpenTelemetry's severities without their nuances.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Details for whoever looks for a fault.
    Verbose,
    /// As it should be.
    Information,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
    /// Nothing goes on.
    Critical,
}

/// An error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExceptionRecord {
    /// Where and when.
    pub origin: Origin,
    /// The error's type, such as `std::io::Error`.
    pub type_name: Option<Cow<'static, str>>,
    /// What it says.
    pub message: Option<Cow<'static, str>>,
    /// The calls that led to it, as text.
    pub stack: Option<Cow<'static, str>>,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// More about it.
    pub attributes: Vec<Attribute>,
}

/// Something else, told in words.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MessageRecord {
    /// Where and when.
    pub origin: Origin,
    /// The words.
    pub message: Cow<'static, str>,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// More about it.
    pub attributes: Vec<Attribute>,
}

impl TelemetryItem {
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
}

impl Origin {
    /// At this time, under no span, standing for itself.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self { time, context: None, operation: None, rate: Some(SamplingRate::ALL), resource: None }
    }

    /// Bytes on the heap.
    pub(super) fn heap_size(&self) -> usize {
        self.operation.as_ref().map_or(0, text_size)
    }
}

impl ExceptionRecord {
    /// An error of which nothing is known yet.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self { origin, type_name: None, message: None, stack: None, severity: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        let texts = [&self.type_name, &self.message, &self.stack];
        let texts: usize = texts.into_iter().flatten().map(text_size).sum();
        size_of::<Self>() + self.origin.heap_size() + texts + attributes_size(&self.attributes)
    }
}

impl MessageRecord {
    /// These words.
    #[must_use]
    pub fn new(origin: Origin, message: impl Into<Cow<'static, str>>) -> Self {
        Self { origin, message: message.into(), severity: None, attributes: Vec::new() }
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.origin.heap_size() + text_size(&self.message) + attributes_size(&self.attributes)
    }
}
