//! Collects items into batches.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use crate::exporter::{Batch, DropReason};
use crate::pipeline::guarded_exporter::GuardedExporter;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::mark::mark;
use crate::telemetry::TelemetryItem;

/// The open batch, and the closed ones that wait to be sent.
#[derive(Debug)]
pub(super) struct Batcher {
    max_items: usize,
    max_bytes: usize,
    open: Batch,
    ready: VecDeque<Batch>,
    // A batch that was delivered, emptied: under load its memory is used again. Freed when the worker becomes idle.
    spare: Option<Batch>,
    // When the open batch closes. `None`: nothing is scheduled.
    due: Option<Instant>,
    // Items added since the start.
    added: u64,
}

/// The result of encoding an item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Encoded {
    /// It is in the open batch and takes this many bytes there.
    Added { bytes: usize },
    /// The exporter pushed nothing: the item needs no delivery.
    Delivered,
    /// It is lost.
    Dropped(DropReason),
}

impl Batcher {
    pub(super) fn new(limits: &PipelineLimits) -> Self {
        let (max_items, max_bytes) = (limits.batch_items, limits.batch_bytes);
        let (open, ready) = (Batch::default(), VecDeque::new());
        Self { max_items, max_bytes, open, ready, spare: None, due: None, added: 0 }
    }

    /// Encodes an item that waits since this time, at the earliest, into the open batch, and closes the batch if it is full.
    pub(super) fn encode(&mut self, item: TelemetryItem, since: Instant, exporter: &mut GuardedExporter) -> Encoded {
        let (items, bytes) = (self.open.len(), self.open.size());
        let mark = mark(&item);
        let result = exporter.encode(item, &mut self.open);
        self.open.repair();
        let pushed = self.open.len().saturating_sub(items);
        let encoded = match (result, pushed) {
            (Ok(()), 0) => Encoded::Delivered,
            (Ok(()), 1) => Encoded::Added { bytes: self.open.size() - bytes },
            // Two pushes for one item break the contract; both are taken back.
            (Ok(()), _) => Encoded::Dropped(DropReason::Unsupported),
            (Err(reason), _) => Encoded::Dropped(reason),
        };
        if matches!(encoded, Encoded::Added { .. }) {
            self.open.order.get_or_insert(self.added);
            self.added += 1;
            self.open.set_started(since.into_std());
            self.open.mark_last(mark);
        } else {
            self.open.truncate(items);
        }
        self.close_full();
        encoded
    }

    /// Closes the open batch if it is due, or at once in a hurry.
    pub(super) fn close_due(&mut self, now: Instant, hurry: bool) {
        if hurry || self.due.is_some_and(|due| due <= now) {
            self.close();
        }
    }

    /// When the open batch closes.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn set_due(&mut self, due: Option<Instant>) {
        self.due = due;
    }

    /// Sets when the open batch closes, unless that is set already.
    pub(super) fn schedule(&mut self, due: Instant) {
        self.due.get_or_insert(due);
    }

    /// Takes the next batch to send.
    pub(super) fn pop_ready(&mut self) -> Option<Batch> {
        self.ready.pop_front()
    }

    /// Puts batches in front of all others, in their order.
    pub(super) fn push_front(&mut self, batches: Vec<Batch>) {
        batches.into_iter().rev().for_each(|batch| self.ready.push_front(batch));
    }

    /// Takes all batches, the open one among them.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Batch> {
        let open = std::mem::take(&mut self.open);
        self.ready.drain(..).chain(std::iter::once(open))
    }

    /// Keeps the memory of a full batch that was delivered for the next one. A small batch, or one that the exporter still
    /// holds, is freed.
    pub(super) fn recycle(&mut self, batch: Arc<Batch>) {
        let is_full = batch.len() >= self.max_items || batch.size() >= self.max_bytes / 2;
        if is_full && let Some(mut batch) = Arc::into_inner(batch) {
            batch.clear();
            self.spare = Some(batch);
        }
    }

    /// Frees the memory that is kept for the next batch.
    pub(super) fn release(&mut self) {
        self.spare = None;
        if self.open.is_empty() {
            self.open = Batch::default();
        }
    }

    /// All batches, the open one among them.
    pub(super) fn batches_mut(&mut self) -> impl Iterator<Item = &mut Batch> {
        self.ready.iter_mut().chain(std::iter::once(&mut self.open))
    }

    /// The order of the oldest item.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.ready.iter().chain(std::iter::once(&self.open)).filter_map(|batch| batch.order).min()
    }

    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether the next batch is a part of one that is being bisected.
    pub(super) fn has_parts(&self) -> bool {
        self.ready.front().is_some_and(|batch| batch.is_part)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.ready.is_empty()
    }

    /// Items added since the start.
    pub(super) fn added(&self) -> u64 {
        self.added
    }

    /// Items of closed batches since the start.
    pub(super) fn closed(&self) -> u64 {
        self.added - self.open.len() as u64
    }

    fn close_full(&mut self) {
        if self.open.size() > self.max_bytes && self.open.len() > 1 {
            let mut last = self.open.split_last();
            last.order = Some(self.added - 1);
            let mut full = std::mem::replace(&mut self.open, last);
            full.close();
            self.ready.push_back(full);
        }
        if self.open.len() >= self.max_items || self.open.size() >= self.max_bytes {
            self.close();
        }
    }

    fn close(&mut self) {
        self.due = None;
        if !self.open.is_empty() {
            let next = self.spare.take().unwrap_or_default();
            let mut batch = std::mem::replace(&mut self.open, next);
            batch.close();
            self.ready.push_back(batch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::{ConsoleExporter, EncodeError, Exporter, SendFuture};
    use crate::telemetry::{MessageRecord, Origin};
    use std::time::{Duration, SystemTime};

    /// Pushes as many single bytes as the message has characters.
    struct Bytes;

    impl Exporter for Bytes {
        fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
            let TelemetryItem::Message(record) = item else { return Err(EncodeError::Unsupported) };
            record.message.bytes().for_each(|byte| batch.push_bytes(|bytes| bytes.push(byte)));
            Ok(())
        }

        fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
            ConsoleExporter.send(batch)
        }
    }

    fn message(text: &'static str) -> TelemetryItem {
        MessageRecord::new(Origin::at(SystemTime::now()), text).into()
    }

    fn batcher(batch_items: usize) -> (Batcher, GuardedExporter) {
        let limits = PipelineLimits { batch_items, ..PipelineLimits::default() };
        (Batcher::new(&limits), GuardedExporter::new(Box::new(Bytes)))
    }

    #[test]
    fn full_batch_closes_and_the_next_item_opens_another() {
        let (mut batcher, mut exporter) = batcher(2);
        for _ in 0..3 {
            assert_eq!(batcher.encode(message("a"), Instant::now(), &mut exporter), Encoded::Added { bytes: 1 });
        }
        assert_eq!((batcher.added(), batcher.closed()), (3, 2));
        assert_eq!(batcher.pop_ready().map(|batch| batch.len()), Some(2));
        assert!(!batcher.has_ready() && !batcher.is_empty());
    }

    #[test]
    fn memory_of_a_full_batch_is_used_again_until_the_worker_is_idle() {
        let (mut batcher, mut exporter) = batcher(2);
        let mut full = |batcher: &mut Batcher| {
            for _ in 0..2 {
                batcher.encode(message("a"), Instant::now(), &mut exporter);
            }
            batcher.pop_ready().unwrap()
        };
        let (first, second) = (full(&mut batcher), full(&mut batcher));
        let memory = first.bytes().as_ptr();
        batcher.recycle(Arc::new(first));
        full(&mut batcher);
        let third = full(&mut batcher);
        assert_eq!((third.bytes().as_ptr(), third.bytes()), (memory, &b"aa"[..]));
        let held = Arc::new(second);
        batcher.recycle(Arc::clone(&held));
        assert!(batcher.spare.is_none(), "the exporter holds it");
        batcher.recycle(held);
        batcher.release();
        assert!(batcher.spare.is_none());
    }

    #[test]
    fn items_without_exactly_one_push_leave_nothing_in_the_batch() {
        let (mut batcher, mut exporter) = batcher(10);
        assert_eq!(batcher.encode(message(""), Instant::now(), &mut exporter), Encoded::Delivered);
        assert_eq!(
            batcher.encode(message("ab"), Instant::now(), &mut exporter),
            Encoded::Dropped(DropReason::Unsupported)
        );
        assert!(batcher.is_empty() && batcher.added() == 0);
    }

    #[tokio::test(start_paused = true)]
    async fn open_batch_closes_when_it_is_due() {
        let (mut batcher, mut exporter) = batcher(10);
        batcher.encode(message("a"), Instant::now(), &mut exporter);
        let now = Instant::now();
        batcher.schedule(now + Duration::from_secs(1));
        batcher.schedule(now + Duration::from_secs(9));
        batcher.close_due(now, false);
        assert!(!batcher.has_ready());
        batcher.close_due(now + Duration::from_secs(1), false);
        assert!(batcher.has_ready() && batcher.due().is_none());
    }
}
