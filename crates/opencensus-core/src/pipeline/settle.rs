//! Decides what follows from a delivery, without I/O.

use std::time::Duration;

use crate::exporter::{Batch, Delivery, DropReason, FailureCause, ItemOutcome};
use crate::pipeline::retry;

/// The outcome of a batch's items, and when the next batch may be sent.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    pub(super) delivered: usize,
    pub(super) dropped: Vec<(DropReason, usize)>,
    /// Batches to send again, in this order, before all others.
    pub(super) again: Vec<Batch>,
    pub(super) pace: Pace,
    /// Why items were not delivered, if the exporter knows.
    pub(super) cause: Option<FailureCause>,
    /// The batch was too large, and its halves are sent.
    pub(super) is_halved: bool,
    batch_items: usize,
    batch_bytes: usize,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Pace {
    /// Send the next batch.
    #[default]
    Go,
    /// The endpoint fails: wait with backoff, and at least as long as it asks for.
    BackOff { retry_after: Option<Duration> },
    /// Items failed, the endpoint works: only what is sent again waits, with backoff.
    ItemsBackOff,
    /// Send nothing for this long.
    Pause(Duration),
}

impl Settlement {
    /// Items that are delivered or dropped.
    pub(super) fn items(&self) -> usize {
        self.batch_items - self.again_items()
    }

    /// Bytes of these items.
    pub(super) fn bytes(&self) -> usize {
        self.batch_bytes - self.again.iter().map(Batch::size).sum::<usize>()
    }

    /// Items to send again.
    pub(super) fn again_items(&self) -> usize {
        self.again.iter().map(Batch::len).sum()
    }

    /// Drops the items that would be sent again.
    pub(super) fn drop_retries(&mut self) {
        let items = self.again_items();
        self.again.clear();
        if items > 0 {
            self.dropped.push((DropReason::Expired, items));
        }
    }

    fn count_dropped(&mut self, reason: DropReason) {
        match self.dropped.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, count)) => *count += 1,
            None => self.dropped.push((reason, 1)),
        }
    }
}

/// How far refused batches have been bisected.
#[derive(Debug, Default)]
pub(super) struct Bisection {
    sends_left: u32,
    // The last bisection found every item refused: the items are not the cause.
    is_futile: bool,
    found_accepted: bool,
}

impl Bisection {
    /// Records that items were accepted, so that the next refused batch is bisected.
    fn accepted(&mut self) {
        self.is_futile = false;
        self.found_accepted = true;
    }

    /// Whether a refused batch is split into halves.
    fn continues(&mut self, batch: &Batch) -> bool {
        if !batch.is_part {
            self.sends_left = retry::bisections(batch.len());
            self.found_accepted = false;
        }
        if batch.len() < 2 || self.is_futile {
            return false;
        }
        self.sends_left = self.sends_left.saturating_sub(1);
        if self.sends_left == 0 {
            self.is_futile = !self.found_accepted;
        }
        self.sends_left > 0
    }
}

/// Decides the outcome of the items of `batch`.
pub(super) fn settle(batch: &Batch, delivery: Delivery, bisection: &mut Bisection) -> Settlement {
    let settlement = decide(batch, delivery, bisection);
    Settlement { batch_items: batch.len(), batch_bytes: batch.size(), ..settlement }
}

fn decide(batch: &Batch, delivery: Delivery, bisection: &mut Bisection) -> Settlement {
    let all = batch.len();
    match delivery {
        Delivery::Delivered => {
            bisection.accepted();
            Settlement { delivered: all, ..Settlement::default() }
        }
        Delivery::Retry { after } => Settlement {
            again: vec![batch.select(|_| true)],
            pace: Pace::BackOff { retry_after: after },
            ..Settlement::default()
        },
        Delivery::Bisect if bisection.continues(batch) => {
            let mut again = halves(batch);
            again.iter_mut().for_each(|part| part.is_part = true);
            Settlement { again, ..Settlement::default() }
        }
        Delivery::Bisect => Settlement { dropped: vec![(DropReason::Rejected, all)], ..Settlement::default() },
        Delivery::TooLarge if all > 1 => {
            let mut again = halves(batch);
            again.iter_mut().for_each(|half| half.is_half = true);
            Settlement { again, is_halved: true, ..Settlement::default() }
        }
        Delivery::TooLarge => Settlement { dropped: vec![(DropReason::TooLarge, all)], ..Settlement::default() },
        Delivery::Dropped { reason, pause } => Settlement {
            dropped: vec![(reason, all)],
            pace: pause.map_or(Pace::Go, Pace::Pause),
            ..Settlement::default()
        },
        Delivery::Partial { items, after } => {
            bisection.accepted();
            partial(batch, &items, after)
        }
    }
}

/// Without a wait that the endpoint asks for, live batches are sent meanwhile.
fn item_pace(after: Option<Duration>) -> Pace {
    if after.is_some() { Pace::BackOff { retry_after: after } } else { Pace::ItemsBackOff }
}

fn halves(batch: &Batch) -> Vec<Batch> {
    let middle = batch.len().div_ceil(2);
    vec![batch.select(|at| at < middle), batch.select(|at| at >= middle)]
}

fn partial(batch: &Batch, items: &[(usize, ItemOutcome)], after: Option<Duration>) -> Settlement {
    let mut outcomes = vec![None; batch.len()];
    for (at, outcome) in items {
        if let Some(slot) = outcomes.get_mut(*at) {
            slot.get_or_insert(*outcome);
        }
    }
    let mut settlement = Settlement::default();
    for outcome in &outcomes {
        match outcome {
            None => settlement.delivered += 1,
            Some(ItemOutcome::Dropped(reason)) => settlement.count_dropped(*reason),
            Some(ItemOutcome::Retry) => settlement.pace = item_pace(after),
        }
    }
    if settlement.pace != Pace::Go {
        settlement.again.push(batch.select(|at| outcomes[at] == Some(ItemOutcome::Retry)));
    }
    settlement
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(items: usize) -> Batch {
        let mut batch = Batch::default();
        for item in 0..items {
            batch.push_bytes(|bytes| bytes.extend_from_slice(item.to_string().as_bytes()));
        }
        batch
    }

    /// Sends as the worker does, batches to send again first. The endpoint refuses batches with an item for
    /// which `bad` holds. Returns the numbers of delivered items, dropped items, and sends.
    fn bisect(items: usize, bisection: &mut Bisection, bad: fn(&[u8]) -> bool) -> (usize, usize, usize) {
        let mut todo = std::collections::VecDeque::from([batch(items)]);
        let (mut delivered, mut dropped, mut sends) = (0, 0, 0);
        while let Some(batch) = todo.pop_front() {
            sends += 1;
            let delivery = if batch.chunks().any(bad) { Delivery::Bisect } else { Delivery::Delivered };
            let settlement = settle(&batch, delivery, bisection);
            delivered += settlement.delivered;
            dropped += settlement.dropped.iter().map(|(_, count)| count).sum::<usize>();
            settlement.again.into_iter().rev().for_each(|batch| todo.push_front(batch));
        }
        (delivered, dropped, sends)
    }

    #[test]
    fn one_bad_item_of_a_thousand_is_isolated_within_22_sends() {
        let (delivered, dropped, sends) = bisect(1000, &mut Bisection::default(), |item| item == b"777");
        assert_eq!((delivered, dropped), (999, 1));
        assert!(sends <= 22, "{sends}");
    }

    #[test]
    fn two_bad_items_are_isolated() {
        let (delivered, dropped, _) = bisect(500, &mut Bisection::default(), |item| item == b"3" || item == b"499");
        assert_eq!((delivered, dropped), (498, 2));
    }

    #[test]
    fn endpoint_that_refuses_everything_is_bisected_once() {
        let mut bisection = Bisection::default();
        let (delivered, dropped, sends) = bisect(500, &mut bisection, |_| true);
        assert_eq!((delivered, dropped), (0, 500));
        assert!(sends < 80, "{sends}");
        assert_eq!(bisect(500, &mut bisection, |_| true), (0, 500, 1));
        assert_eq!(bisect(500, &mut bisection, |_| false), (500, 0, 1));
        assert_eq!(bisect(8, &mut bisection, |item| item == b"1").0, 7);
    }

    #[test]
    fn first_outcome_of_an_item_counts_and_indexes_outside_the_batch_are_ignored() {
        let items = vec![
            (0, ItemOutcome::Retry),
            (0, ItemOutcome::Dropped(DropReason::Rejected)),
            (2, ItemOutcome::Dropped(DropReason::Rejected)),
            (9, ItemOutcome::Retry),
        ];
        let after = Some(Duration::from_secs(3));
        let settlement = settle(&batch(4), Delivery::Partial { items, after }, &mut Bisection::default());
        assert_eq!((settlement.delivered, settlement.dropped), (2, vec![(DropReason::Rejected, 1)]));
        assert_eq!(settlement.again[0].chunks().collect::<Vec<_>>(), [b"0"]);
        assert_eq!(settlement.pace, Pace::BackOff { retry_after: after });
    }
}
