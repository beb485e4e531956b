//! A batch of encoded items.

use std::time::Instant;

use crate::exporter::mark::Mark;
use crate::telemetry::TelemetryItem;

/// Items that are sent together, as bytes or as records.
///
/// Exporters with a wire format push bytes ([`push_bytes`](Self::push_bytes)), so that items wait for the
/// network in the form in which they are sent. Exporters that pass records on push the records
/// ([`push_item`](Self::push_item)). An exporter uses only one of the two.
///
/// # Examples
///
/// ```
/// use opencensus_core::Batch;
///
/// let mut batch = Batch::default();
/// batch.push_bytes(|bytes| bytes.extend_from_slice(b"first\n"));
/// assert!(!batch.push_bytes_within(3, |bytes| bytes.extend_from_slice(b"second\n")));
/// assert_eq!((batch.len(), batch.bytes()), (1, &b"first\n"[..]));
/// ```
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    // Where each item's bytes end.
    ends: Vec<usize>,
    // Marks of the items that were pushed as bytes; an item without a mark counts as a success.
    marks: Vec<Mark>,
    items: Vec<TelemetryItem>,
    items_size: usize,
    started: Option<Instant>,
    // How many items the pipeline had encoded before the first one. `None`: the batch was loaded from disk.
    pub(crate) order: Option<u64>,
    // A part of a batch that was refused.
    pub(crate) is_part: bool,
    // A half of a batch that was too large.
    pub(crate) is_half: bool,
    // The files that hold the items. A file may hold items of other parts of a divided batch, too.
    pub(crate) files: Vec<FileId>,
    // How many of the items the file holds, if it is a journal; `usize::MAX` if it does not matter or is unknown.
    pub(crate) journaled: usize,
}

/// Names a file of the store while the process runs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct FileId(pub(crate) u64);

impl Batch {
    /// Adds one item in its wire format. `write` must only append: the buffer holds the items before it.
    pub fn push_bytes(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Adds one item in its wire format if it has at most `limit` bytes. Returns whether it was added.
    pub fn push_bytes_within(&mut self, limit: usize, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let fits = self.bytes.len() - start <= limit;
        if fits {
            self.ends.push(self.bytes.len());
        } else {
            self.bytes.truncate(start);
        }
        fits
    }

    /// Adds one item as a record.
    pub fn push_item(&mut self, item: TelemetryItem) {
        self.items_size += item.size();
        self.items.push(item);
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len() + self.items.len()
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the items take.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len() + self.items_size
    }

    /// The bytes of the items that were pushed as bytes, in their order.
    pub fn chunks(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let chunk = &self.bytes[start..end];
            start = end;
            chunk
        })
    }

    /// The bytes of all items that were pushed as bytes, concatenated.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of the item that was pushed last, empty if there is none.
    fn last_chunk(&self) -> &[u8] {
        let Some((&end, before)) = self.ends.split_last() else { return &[] };
        &self.bytes[before.last().copied().unwrap_or(0)..end]
    }

    /// Marks the item that was pushed last.
    pub(crate) fn mark_last(&mut self, mark: Mark) {
        if let Some(last) = self.ends.len().checked_sub(1) {
            self.marks.resize(last, Mark::default());
            self.marks.push(mark);
        }
    }

    /// The items that were pushed as bytes, with their marks.
    pub(crate) fn marked(&self) -> impl Iterator<Item = (&[u8], Mark)> {
        self.chunks().enumerate().map(|(at, chunk)| (chunk, self.marks.get(at).copied().unwrap_or_default()))
    }

    /// Whether all items are bytes, so that they can be stored.
    pub(crate) fn is_encoded(&self) -> bool {
        self.items.is_empty()
    }

    /// The items that were pushed as records.
    #[must_use]
    pub fn items(&self) -> &[TelemetryItem] {
        &self.items
    }

    /// Since when its first item waits in the pipeline, at the earliest.
    pub(crate) fn started(&self) -> Option<Instant> {
        self.started
    }

    pub(crate) fn set_started(&mut self, since: Instant) {
        self.started.get_or_insert(since);
    }

    /// The same, if an item is not in the journal.
    pub(crate) fn unjournaled_since(&self) -> Option<Instant> {
        self.started.filter(|_| self.journaled < self.len())
    }

    /// Removes bytes that belong to no item, which an exporter leaves if it panics while it writes.
    pub(crate) fn repair(&mut self) {
        self.bytes.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// Keeps the first `len` items.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.marks.truncate(len);
        self.items.truncate(len.saturating_sub(self.ends.len()));
        self.items_size = self.items.iter().map(TelemetryItem::size).sum();
        self.repair();
    }

    /// Releases unused memory: a closed batch may wait for a long time.
    pub(crate) fn close(&mut self) {
        shrink(&mut self.bytes);
        shrink(&mut self.ends);
        shrink(&mut self.marks);
        shrink(&mut self.items);
    }

    /// Removes everything, and keeps the memory for the next batch.
    pub(crate) fn clear(&mut self) {
        let Self { bytes, ends, marks, items, .. } = std::mem::take(self);
        *self = Self { bytes, ends, marks, items, ..Self::default() };
        self.truncate(0);
    }

    /// Moves the last item to another batch.
    pub(crate) fn split_last(&mut self) -> Self {
        let mut last = Self { started: self.started, ..Self::default() };
        match self.items.pop() {
            Some(item) => {
                self.items_size -= item.size();
                last.push_item(item);
            }
            None => {
                last.push_bytes(|bytes| bytes.extend_from_slice(self.last_chunk()));
                self.ends.pop();
                if self.marks.len() > self.ends.len()
                    && let Some(mark) = self.marks.pop()
                {
                    last.mark_last(mark);
                }
                self.repair();
            }
        }
        last
    }

    /// How many items from the first on have at most `items` and `bytes` together; at least one.
    pub(crate) fn count_within(&self, items: usize, bytes: usize) -> usize {
        let sizes = self.chunks().map(<[u8]>::len).chain(self.items.iter().map(TelemetryItem::size));
        let mut total = 0_usize;
        let fitting = sizes.take(items).take_while(|size| {
            total = total.saturating_add(*size);
            total <= bytes
        });
        fitting.count().max(1)
    }

    /// A batch with the items whose index `is_selected` accepts.
    pub(crate) fn select(&self, mut is_selected: impl FnMut(usize) -> bool) -> Self {
        let mut selected = Self {
            started: self.started,
            order: self.order,
            is_part: self.is_part,
            is_half: self.is_half,
            files: self.files.clone(),
            // A part of a journal's items cannot be continued.
            journaled: if self.files.is_empty() { self.journaled } else { usize::MAX },
            ..Self::default()
        };
        let bytes = self.ends.len();
        for (at, (chunk, mark)) in self.marked().enumerate() {
            if is_selected(at) {
                selected.push_bytes(|bytes| bytes.extend_from_slice(chunk));
                selected.mark_last(mark);
            }
        }
        for (at, item) in self.items.iter().enumerate() {
            if is_selected(bytes + at) {
                selected.push_item(item.clone());
            }
        }
        if self.journaled == self.len() {
            selected.journaled = selected.len();
        }
        selected
    }
}

/// Keeps a little more than it holds, so that the next batch of about the same size fits without a copy.
fn shrink<T>(vec: &mut Vec<T>) {
    let spare = vec.len() / 16;
    if vec.capacity() - vec.len() > 2 * spare {
        vec.shrink_to(vec.len() + spare);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(items: &[&str]) -> Batch {
        let mut batch = Batch::default();
        for item in items {
            batch.push_bytes(|bytes| bytes.extend_from_slice(item.as_bytes()));
        }
        batch
    }

    #[test]
    fn chunks_are_the_items_in_order() {
        let batch = batch(&["a", "", "bcd"]);
        assert_eq!(batch.chunks().collect::<Vec<_>>(), [&b"a"[..], b"", b"bcd"]);
        assert_eq!((batch.len(), batch.size()), (3, 4));
    }

    #[test]
    fn selection_keeps_the_order() {
        let half = batch(&["a", "b", "c", "d"]).select(|at| at % 2 == 1);
        assert_eq!(half.chunks().collect::<Vec<_>>(), [b"b", b"d"]);
    }

    #[test]
    fn selection_is_on_disk_if_the_whole_batch_is() {
        let mut batch = batch(&["a", "b", "c", "d"]);
        let journaled = |batch: &Batch| batch.select(|at| at > 0).journaled;
        assert_eq!(journaled(&batch), 0, "it can be written later");
        batch.files.push(FileId(1));
        for incomplete in [0, 3, usize::MAX] {
            batch.journaled = incomplete;
            assert_eq!(journaled(&batch), usize::MAX);
        }
        batch.journaled = 4;
        assert_eq!(journaled(&batch), 3);
    }

    #[test]
    fn cleared_batch_is_like_a_new_one_and_keeps_its_memory() {
        let mut batch = batch(&["abc", "d"]);
        batch.set_started(Instant::now());
        (batch.order, batch.is_part, batch.is_half, batch.journaled) = (Some(7), true, true, 1);
        batch.files.push(FileId(1));
        batch.mark_last(Mark::default());
        let capacity = batch.bytes.capacity();
        batch.clear();
        assert_eq!(format!("{batch:?}"), format!("{:?}", Batch::default()));
        assert!(capacity >= 4 && batch.bytes.capacity() == capacity);
    }

    #[test]
    fn closed_batch_keeps_little_unused_memory() {
        for (len, capacity) in [(0, 1000), (10, 1000), (1600, 4000), (1600, 1600)] {
            let mut batch = Batch::default();
            batch.bytes.reserve_exact(capacity);
            batch.push_bytes(|bytes| bytes.resize(len, b'x'));
            batch.close();
            assert!(batch.bytes.capacity() <= len + len / 8, "{len}: {}", batch.bytes.capacity());
        }
    }

    #[test]
    fn item_over_the_limit_is_removed() {
        let mut batch = batch(&["a"]);
        assert!(!batch.push_bytes_within(2, |bytes| bytes.extend_from_slice(b"bcd")));
        assert!(batch.push_bytes_within(2, |bytes| bytes.extend_from_slice(b"bc")));
        assert_eq!(batch.chunks().collect::<Vec<_>>(), [&b"a"[..], b"bc"]);
        batch.truncate(1);
        assert_eq!((batch.len(), batch.size()), (1, 1));
    }
}
