//! What follows from a delivery: a pure decision.

use std::time::Duration;

use crate::exporter::{Batch, Delivery, DropReason, ItemOutcome};
use crate::pipeline::retry;

/// What becomes of a batch's items, and when the next batch may go.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    pub(super) delivered: usize,
    pub(super) dropped: Vec<(DropReason, usize)>,
    /// To be sent again, in this order, before everything else.
    pub(super) again: Vec<Batch>,
    pub(super) pace: Pace,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Pace {
    /// Send the next batch.
    #[default]
    Go,
    /// The endpoint is in trouble: wait with backoff, and at least as long as it asked for.
    BackOff { asked: Option<Duration> },
    /// Send nothing for this long.
    Pause(Duration),
}

impl Settlement {
    fn count_dropped(&mut self, reason: DropReason) {
        match self.dropped.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, count)) => *count += 1,
            None => self.dropped.push((reason, 1)),
        }
    }
}

/// How far a refused batch is cut up.
#[derive(Debug, Default)]
pub(super) struct Bisection {
    posts_left: u32,
    // The last search for a culprit found everything refused; then it is not the items.
    futile: bool,
    found_good: bool,
}

impl Bisection {
    /// Something was accepted: what is refused from now on is worth a search.
    fn accepted(&mut self) {
        self.futile = false;
        self.found_good = true;
    }

    /// Whether a refused batch is cut in halves.
    fn goes_on(&mut self, batch: &Batch) -> bool {
        if !batch.is_piece {
            self.posts_left = retry::bisections(batch.len());
            self.found_good = false;
        }
        if batch.len() < 2 || self.futile {
            return false;
        }
        self.posts_left = self.posts_left.saturating_sub(1);
        if self.posts_left == 0 {
            self.futile = !self.found_good;
        }
        self.posts_left > 0
    }
}

/// Decides what becomes of the items of `batch`.
pub(super) fn settle(batch: &Batch, delivery: Delivery, bisection: &mut Bisection) -> Settlement {
    let all = batch.len();
    match delivery {
        Delivery::Delivered => {
            bisection.accepted();
            Settlement { delivered: all, ..Settlement::default() }
        }
        Delivery::Retry { after } => Settlement {
            again: vec![batch.select(|_| true)],
            pace: Pace::BackOff { asked: after },
            ..Settlement::default()
        },
        Delivery::Refused if bisection.goes_on(batch) => Settlement { again: halves(batch), ..Settlement::default() },
        Delivery::Refused => Settlement { dropped: vec![(DropReason::Rejected, all)], ..Settlement::default() },
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

fn halves(batch: &Batch) -> Vec<Batch> {
    let middle = batch.len().div_ceil(2);
    let mut halves = vec![batch.select(|at| at < middle), batch.select(|at| at >= middle)];
    for half in &mut halves {
        half.is_piece = true;
    }
    halves
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
            Some(ItemOutcome::Retry) => settlement.pace = Pace::BackOff { asked: after },
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

    /// Sends the way the worker does: what comes back goes first. The endpoint refuses batches
    /// with an item that `bad` names. Gives delivered, dropped, posts.
    fn bisect(items: usize, bisection: &mut Bisection, bad: fn(&[u8]) -> bool) -> (usize, usize, usize) {
        let mut todo = std::collections::VecDeque::from([batch(items)]);
        let (mut delivered, mut dropped, mut posts) = (0, 0, 0);
        while let Some(batch) = todo.pop_front() {
            posts += 1;
            let delivery = if batch.chunks().any(bad) { Delivery::Refused } else { Delivery::Delivered };
            let settlement = settle(&batch, delivery, bisection);
            delivered += settlement.delivered;
            dropped += settlement.dropped.iter().map(|(_, count)| count).sum::<usize>();
            settlement.again.into_iter().rev().for_each(|batch| todo.push_front(batch));
        }
        (delivered, dropped, posts)
    }

    #[test]
    fn one_bad_item_of_a_thousand_is_isolated_within_22_posts() {
        let (delivered, dropped, posts) = bisect(1000, &mut Bisection::default(), |item| item == b"777");
        assert_eq!((delivered, dropped), (999, 1));
        assert!(posts <= 22, "{posts}");
    }

    #[test]
    fn two_bad_items_are_isolated() {
        let (delivered, dropped, _) = bisect(500, &mut Bisection::default(), |item| item == b"3" || item == b"499");
        assert_eq!((delivered, dropped), (498, 2));
    }

    #[test]
    fn endpoint_that_refuses_everything_is_not_searched_twice() {
        let mut bisection = Bisection::default();
        let (delivered, dropped, posts) = bisect(500, &mut bisection, |_| true);
        assert_eq!((delivered, dropped), (0, 500));
        assert!(posts < 80, "{posts}");
        assert_eq!(bisect(500, &mut bisection, |_| true), (0, 500, 1));
        assert_eq!(bisect(500, &mut bisection, |_| false), (500, 0, 1));
        assert_eq!(bisect(8, &mut bisection, |item| item == b"1").0, 7);
    }

    #[test]
    fn partial_outcomes_count_once_and_within_the_batch() {
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
        assert_eq!(settlement.pace, Pace::BackOff { asked: after });
    }
}
