//! Marks items for the store: which operation they belong to, and whether they are failures.

use crate::exporter::Mark;
use crate::propagation::TraceContext;
use crate::telemetry::{Severity, SpanStatus, TelemetryItem};

/// The mark of an item. Failures are what operators search for after an outage: a request with a 5xx status, an error or
/// a panic, a failed span, an exception, a message of severity error or above, a failed availability test. A 4xx status
/// is no failure: scanners would fill the disk with such requests.
pub(super) fn mark(item: &TelemetryItem) -> Mark {
    match item {
        TelemetryItem::Request(record) => of(Some(&record.context()), !record.has_succeeded(true)),
        TelemetryItem::Span(record) => of(Some(&record.context), matches!(record.status, SpanStatus::Error(_))),
        TelemetryItem::Exception(record) => of(record.origin.context.as_ref(), true),
        TelemetryItem::Message(record) => {
            of(record.origin.context.as_ref(), record.severity.is_some_and(|severity| severity >= Severity::Error))
        }
        TelemetryItem::Availability(record) => of(record.origin.context.as_ref(), !record.success),
        TelemetryItem::Event(record) => of(record.origin.context.as_ref(), false),
        TelemetryItem::PageView(record) => of(record.origin.context.as_ref(), false),
        TelemetryItem::Metric(_) => Mark::default(),
    }
}

fn of(context: Option<&TraceContext>, is_failure: bool) -> Mark {
    Mark { operation: context.map_or(0, |context| context.trace_id().low()), is_failure }
}
