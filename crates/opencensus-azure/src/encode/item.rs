//! The envelope of any telemetry item.

use opencensus_core::{MetricRecord, TelemetryItem};

use crate::encode::encoder::Encoder;

impl Encoder {
    /// Whether the schema can express the item.
    pub(crate) fn supports(item: &TelemetryItem) -> bool {
        use TelemetryItem::{Availability, Event, Exception, Message, Metric, PageView, Request, Span};
        match item {
            Metric(record) => is_finite(record),
            Request(_) | Span(_) | Exception(_) | Message(_) | Event(_) | PageView(_) | Availability(_) => true,
            _ => false,
        }
    }

    /// Appends a comma and the envelope of the item.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, item: &TelemetryItem) {
        match item {
            TelemetryItem::Request(record) => self.write_request(out, record),
            TelemetryItem::Span(record) => self.write_span(out, record),
            TelemetryItem::Exception(record) => self.write_exception(out, record),
            TelemetryItem::Message(record) => self.write_message(out, record),
            TelemetryItem::Event(record) => self.write_event(out, record),
            TelemetryItem::PageView(record) => self.write_page_view(out, record),
            TelemetryItem::Metric(record) => self.write_metric(out, record),
            TelemetryItem::Availability(record) => self.write_availability(out, record),
            _ => {}
        }
    }
}

/// JSON cannot express infinities and NaN.
fn is_finite(record: &MetricRecord) -> bool {
    [Some(record.value), record.min, record.max].into_iter().flatten().all(f64::is_finite)
}
