//! How long items have waited in the queue, at most.

use tokio::time::Instant;

/// Since when the items in the queue wait, at the earliest. The queue keeps no time for an item, because the clock would be
/// read on the request's path; the worker derives a bound from the number of items that it finds and takes in each lane.
#[derive(Debug)]
pub(super) struct QueueAge {
    lanes: Vec<LaneAge>,
    // Of the lane whose items wait longest.
    since: Instant,
}

/// The same of one lane, whose items are taken in their order.
#[derive(Clone, Copy, Debug)]
struct LaneAge {
    since: Instant,
    // What came after the mark is behind `ahead` items.
    mark: Instant,
    ahead: usize,
}

impl QueueAge {
    pub(super) fn new(lanes: usize, now: Instant) -> Self {
        Self { lanes: vec![LaneAge::new(now); lanes], since: now }
    }

    /// No item in the queue was there before this time.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Records how many items the worker took from each lane, and how many are left there. `now` lies before both.
    pub(super) fn observe(&mut self, taken: &[usize], left: &[usize], now: Instant) {
        for ((lane, taken), left) in self.lanes.iter_mut().zip(taken).zip(left) {
            lane.observe(*taken, *left, now);
        }
        self.since = self.lanes.iter().map(|lane| lane.since).min().unwrap_or(now);
    }

    /// The queue was empty at this time.
    pub(super) fn restart(&mut self, now: Instant) {
        self.lanes.fill(LaneAge::new(now));
        self.since = now;
    }
}

impl LaneAge {
    fn new(now: Instant) -> Self {
        Self { since: now, mark: now, ahead: 0 }
    }

    fn observe(&mut self, taken: usize, left: usize, now: Instant) {
        self.ahead = self.ahead.saturating_sub(taken);
        if left == 0 {
            *self = Self::new(now);
        } else if self.ahead == 0 {
            *self = Self { since: self.mark, mark: now, ahead: left };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn age_is_that_of_the_oldest_item_also_if_the_queue_is_never_empty() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut age = LaneAge::new(start);
        assert_eq!(age.since, start);
        // 5 are taken, and 10 stay, which came between 0 and 1.
        age.observe(5, 10, at(1));
        assert_eq!(age.since, start);
        // 6 of the 10 are taken, and 4 more came.
        age.observe(6, 8, at(2));
        assert_eq!(age.since, start);
        // The rest of the 10, and one that came after 1.
        age.observe(5, 9, at(3));
        assert_eq!(age.since, at(1));
        age.observe(9, 0, at(4));
        assert_eq!(age.since, at(4));
    }

    #[test]
    fn age_is_that_of_the_lane_whose_items_wait_longest() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut age = QueueAge::new(2, start);
        age.observe(&[5, 0], &[0, 3], at(1));
        assert_eq!(age.since(), start);
        age.observe(&[5, 3], &[1, 0], at(2));
        assert_eq!(age.since(), at(1));
    }
}
