//! The envelope of any telemetry item.

use opencensus_core::{Batch, MetricRecord, TelemetryItem};

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::envelope::{Fact, refusal};

/// The fewest bytes to which a text of an item is shortened, in JSON.
const SHORTEST_TEXT: usize = 128;

/// The comma before an item, which does not count.
const COMMA: usize = 1;

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

    /// Adds the envelope of the item, after a comma. Returns false if the service would refuse it as too large even
    /// with shorter texts and without properties.
    pub(crate) fn push(&mut self, batch: &mut Batch, item: &TelemetryItem) -> bool {
        let limit = self.options.max_item_bytes;
        batch.push_bytes_within(limit.saturating_add(COMMA), |bytes| {
            let start = bytes.len();
            self.write(&mut Buffer::new(bytes), item);
            if !fits(bytes, start, limit) {
                self.write_reduced(bytes, start, item);
            }
        })
    }

    /// Writes an item that is too large with shorter texts, the longest first, else also with fewer properties.
    #[cold]
    fn write_reduced(&mut self, bytes: &mut Vec<u8>, start: usize, item: &TelemetryItem) {
        let limit = self.options.max_item_bytes;
        let mut fits_with = |text_limit: usize, properties: usize| {
            bytes.truncate(start);
            self.write(&mut Buffer::reduced(bytes, text_limit, properties), item);
            fits(bytes, start, limit)
        };
        if fits_with(SHORTEST_TEXT, usize::MAX) {
            let text_limit = largest(SHORTEST_TEXT, limit, |text_limit| fits_with(text_limit, usize::MAX));
            fits_with(text_limit, usize::MAX);
        } else {
            // An attribute has more than one byte in JSON.
            let properties = largest(0, limit, |properties| fits_with(SHORTEST_TEXT, properties));
            fits_with(SHORTEST_TEXT, properties);
        }
    }

    fn write(&mut self, out: &mut Buffer<'_>, item: &TelemetryItem) {
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

fn fits(bytes: &[u8], start: usize, limit: usize) -> bool {
    refusal(Fact::Size((bytes.len() - start).saturating_sub(COMMA), limit)).is_none()
}

/// The largest number up to `high` with which the item fits, found by halving. `low` fits.
fn largest(low: usize, high: usize, mut fits: impl FnMut(usize) -> bool) -> usize {
    let (mut low, mut high) = (low, high.max(low));
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// JSON cannot express infinities and NaN.
fn is_finite(record: &MetricRecord) -> bool {
    let numbers = [Some(record.value), record.min, record.max];
    numbers.into_iter().flatten().all(|number| refusal(Fact::Number(number)).is_none())
}
