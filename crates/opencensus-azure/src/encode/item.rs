//! The envelope of any telemetry item.

use opencensus_core::{Batch, TelemetryItem};

use crate::encode::buffer::Buffer;
use crate::encode::encoder::Encoder;
use crate::encode::reduction::{MAX_CAUSES, Reduction, SHORTEST_TEXT, text_limit};
use crate::envelope::{Fact, refusal};

/// What is saved beyond the need, so that few attempts are made.
const SPARE: usize = 64;

/// The comma before an item, which does not count.
const COMMA: usize = 1;

impl Encoder {
    /// Whether the schema can express the item.
    pub(crate) fn supports(item: &TelemetryItem) -> bool {
        use TelemetryItem::{Availability, Event, Exception, Message, Metric, PageView, Request, Span};
        match item {
            // JSON cannot express infinities and NaN.
            Metric(record) => refusal(Fact::Number(record.value)).is_none(),
            Request(_) | Span(_) | Exception(_) | Message(_) | Event(_) | PageView(_) | Availability(_) => true,
            _ => false,
        }
    }

    /// Adds the envelope of the item, after a comma. Returns false if the service would refuse it as too large even
    /// with shorter texts and without properties.
    pub(crate) fn push(&mut self, batch: &mut Batch, item: &TelemetryItem) -> bool {
        let limit = self.options.max_item_bytes.saturating_sub(self.key_size());
        batch.push_bytes_within(limit.saturating_add(COMMA), |bytes| {
            let start = bytes.len();
            self.write(&mut Buffer::new(bytes), item);
            if !fits(bytes, start, limit) {
                self.write_reduced(bytes, start, item);
            }
        })
    }

    /// Writes an item that is too large with shorter texts, the longest first, else also with fewer properties, and with
    /// fewer causes if no property can stay.
    #[cold]
    fn write_reduced(&mut self, bytes: &mut Vec<u8>, start: usize, item: &TelemetryItem) {
        let limit = self.options.max_item_bytes.saturating_sub(self.key_size());
        let mut excess_with = |reduction: &mut Reduction| {
            bytes.truncate(start);
            let mut out = Buffer::reduced(bytes, std::mem::take(reduction));
            self.write(&mut out, item);
            *reduction = out.into_reduction();
            (bytes.len() - start).saturating_sub(COMMA + limit)
        };
        let mut measured = Reduction::default();
        let mut excess = excess_with(&mut measured);
        while let Some(text_limit) = text_limit(&mut measured.lengths, excess) {
            // The notes about what was shortened may need more room.
            match excess_with(&mut Reduction { text_limit, ..Reduction::default() }) {
                0 => return,
                more => excess += more + SPARE,
            }
        }
        let mut fits_with = |properties, causes| {
            excess_with(&mut Reduction { text_limit: SHORTEST_TEXT, properties, causes, ..Reduction::default() }) == 0
        };
        let causes = if fits_with(0, MAX_CAUSES) { MAX_CAUSES } else { largest(MAX_CAUSES, |most| fits_with(0, most)) };
        let properties = largest(measured.lengths.len(), |most| fits_with(most, causes));
        fits_with(properties, causes);
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

/// The largest number up to `high` with which the item fits, found by halving.
fn largest(mut high: usize, mut fits: impl FnMut(usize) -> bool) -> usize {
    let mut low = 0;
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
