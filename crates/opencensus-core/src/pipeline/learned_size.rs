//! The size of batches that the endpoint accepts, learned from batches that were too large.

use std::time::Duration;

use tokio::time::Instant;

use crate::exporter::{Batch, Delivery};

/// How long the size is remembered. After that the pipeline sends whole batches again.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// The largest batch that fitted since a batch was too large.
#[derive(Debug, Default)]
pub(super) struct LearnedSize {
    is_known: bool,
    items: usize,
    bytes: usize,
    until: Option<Instant>,
}

impl LearnedSize {
    /// Learns from the outcome of a batch.
    pub(super) fn observe(&mut self, batch: &Batch, delivery: &Delivery, now: Instant) {
        match delivery {
            // The size of a single item is no size of a batch.
            Delivery::TooLarge if batch.len() > 1 => {
                let has_fitted = batch.len() > self.items || batch.size() > self.bytes;
                let (items, bytes) = if has_fitted { (self.items, self.bytes) } else { (0, 0) };
                *self = Self { is_known: items > 0, items, bytes, until: Some(now + REMEMBERED) };
            }
            Delivery::Delivered | Delivery::Partial { .. } if self.until.is_some() => {
                self.is_known = true;
                self.items = self.items.max(batch.len());
                self.bytes = self.bytes.max(batch.size());
            }
            _ => {}
        }
    }

    /// Divides a batch that is larger than those that fitted. Halves of a batch that was too large are not divided: some
    /// may fit whole. Returns the part to send, and the rest.
    pub(super) fn divide(&mut self, batch: Batch, now: Instant) -> (Batch, Option<Batch>) {
        if self.until.is_some_and(|until| until <= now) {
            *self = Self::default();
        }
        if !self.is_known || batch.is_half {
            return (batch, None);
        }
        let first = batch.count_within(self.items, self.bytes);
        if first >= batch.len() {
            return (batch, None);
        }
        (batch.select(|at| at < first), Some(batch.select(|at| at >= first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::settle::{Bisection, settle};
    use std::collections::VecDeque;

    /// Items of these sizes.
    fn batch(sizes: &[usize]) -> Batch {
        let mut batch = Batch::default();
        for size in sizes {
            batch.push_bytes(|bytes| bytes.resize(bytes.len() + size, b'x'));
        }
        batch
    }

    /// The numbers of delivered items, dropped items, refused batches and sends.
    #[derive(Debug, Default, PartialEq)]
    struct Totals {
        delivered: usize,
        dropped: usize,
        refused: usize,
        sends: usize,
    }

    /// Sends as the worker does.
    fn send(whole: Batch, learned: &mut LearnedSize, now: Instant, is_too_large: impl Fn(&Batch) -> bool) -> Totals {
        let (mut todo, mut totals) = (VecDeque::from([whole]), Totals::default());
        while let Some(batch) = todo.pop_front() {
            let (batch, rest) = learned.divide(batch, now);
            rest.into_iter().for_each(|rest| todo.push_front(rest));
            let delivery = if is_too_large(&batch) { Delivery::TooLarge } else { Delivery::Delivered };
            totals.sends += 1;
            totals.refused += usize::from(delivery == Delivery::TooLarge);
            learned.observe(&batch, &delivery, now);
            let settlement = settle(&batch, delivery, &mut Bisection::default());
            totals.delivered += settlement.delivered;
            totals.dropped += settlement.dropped.iter().map(|(_, items)| items).sum::<usize>();
            settlement.again.into_iter().rev().for_each(|batch| todo.push_front(batch));
        }
        totals
    }

    #[test]
    fn batches_are_halved_until_they_fit_and_the_size_is_remembered_for_a_while() {
        let (mut learned, now) = (LearnedSize::default(), Instant::now());
        let many = batch(&[100; 500]);
        let above_ten = |batch: &Batch| batch.len() > 10;
        let first = send(many.select(|_| true), &mut learned, now, above_ten);
        assert_eq!((first.delivered, first.dropped, first.refused), (500, 0, 63));
        let second = send(many.select(|_| true), &mut learned, now, above_ten);
        assert_eq!((second.delivered, second.refused, second.sends), (500, 0, 63));
        let later = send(many, &mut learned, now + REMEMBERED, |_| false);
        assert_eq!(later, Totals { delivered: 500, sends: 1, ..Totals::default() });
    }

    #[test]
    fn limit_of_bytes_is_learned_as_well() {
        let (mut learned, now) = (LearnedSize::default(), Instant::now());
        let above_kilobyte = |batch: &Batch| batch.size() > 1000;
        send(batch(&[10; 400]), &mut learned, now, above_kilobyte);
        let mixed = batch(&[900, 10, 400, 10, 700, 10, 10, 300]);
        let totals = send(mixed, &mut learned, now, above_kilobyte);
        assert_eq!((totals.delivered, totals.refused), (8, 0));
    }

    #[test]
    fn one_item_that_is_too_large_alone_is_dropped_and_does_not_make_all_batches_small() {
        for giant in [0, 1, 250, 499] {
            let (mut learned, now) = (LearnedSize::default(), Instant::now());
            let mut sizes = [10; 500];
            sizes[giant] = 100_000;
            let above = |batch: &Batch| batch.size() > 50_000;
            let totals = send(batch(&sizes), &mut learned, now, above);
            assert_eq!((totals.delivered, totals.dropped), (499, 1), "{giant}");
            let next = send(batch(&[10; 500]), &mut learned, now, above);
            assert!(next.sends <= 3, "{giant}: {next:?}");
        }
    }

    #[test]
    fn smaller_limit_of_the_endpoint_is_learned_anew() {
        let (mut learned, now) = (LearnedSize::default(), Instant::now());
        send(batch(&[1; 100]), &mut learned, now, |batch| batch.len() > 50);
        assert_eq!(send(batch(&[1; 100]), &mut learned, now, |batch| batch.len() > 5).delivered, 100);
        assert_eq!(send(batch(&[1; 100]), &mut learned, now, |batch| batch.len() > 5).refused, 0);
    }
}
