//! Places spans on a time axis: offsets, time in which no child ran, children that begin before their parent.

/// The units of the axis's whole length.
pub(super) const LENGTH: f64 = 1000.0;
/// The difference that clients cause who write times in milliseconds.
const TOLERANCE: i64 = 1_000;

/// A span of time in microseconds since 1970. Its end is not before its start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Interval {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Interval {
    pub(super) fn new(start: i64, end: i64) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The shortest interval that contains all. `None` if there are none.
    pub(super) fn hull(intervals: impl Iterator<Item = Self>) -> Option<Self> {
        intervals.reduce(|hull, next| Self { start: hull.start.min(next.start), end: hull.end.max(next.end) })
    }

    pub(super) fn length(self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// The place of a time on the axis of this interval: 0 to [`LENGTH`].
    pub(super) fn offset(self, time: i64) -> f64 {
        if self.length() == 0 {
            return 0.0;
        }
        (time.saturating_sub(self.start) as f64 / self.length() as f64 * LENGTH).clamp(0.0, LENGTH)
    }

    /// The times of the axis's marks: its start, its middle and its end.
    pub(super) fn marks(self) -> [i64; 3] {
        [0, self.length() / 2, self.length()]
    }
}

/// The parts of a span in which no child runs, in their order.
pub(super) fn gaps(span: Interval, children: impl Iterator<Item = Interval>) -> Vec<Interval> {
    let mut children: Vec<_> = children.collect();
    children.sort_unstable_by_key(|child| child.start);
    let mut gaps = Vec::new();
    let mut covered = span.start;
    for child in children {
        if child.start > covered {
            gaps.push(Interval::new(covered, child.start.min(span.end)));
        }
        covered = covered.max(child.end);
        if covered >= span.end {
            break;
        }
    }
    if covered < span.end {
        gaps.push(Interval::new(covered, span.end));
    }
    gaps.retain(|gap| gap.length() > 0);
    gaps
}

/// How much a child begins before its parent, in microseconds. `None`: not, or by less than clients round.
pub(super) fn lead(parent: Interval, child: Interval) -> Option<i64> {
    Some(parent.start.saturating_sub(child.start)).filter(|lead| *lead > TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: i64, end: i64) -> Interval {
        Interval::new(start, end)
    }

    #[test]
    fn offsets_are_shares_of_the_axis_and_never_beyond_it() {
        let axis = at(1000, 3000);
        assert_eq!([1000, 1500, 3000, 0, i64::MAX].map(|time| axis.offset(time)), [0.0, 250.0, 1000.0, 0.0, 1000.0]);
        assert_eq!(axis.marks(), [0, 1000, 2000]);
        assert_eq!((at(5, 5).offset(5), at(5, 5).marks()), (0.0, [0; 3]));
        assert_eq!(at(i64::MIN, i64::MAX).length(), i64::MAX);
    }

    #[test]
    fn hull_contains_every_interval() {
        assert_eq!(Interval::hull([at(5, 9), at(1, 2), at(3, 20)].into_iter()), Some(at(1, 20)));
        assert_eq!(Interval::hull(std::iter::empty()), None);
    }

    #[test]
    fn gaps_are_the_time_in_which_no_child_runs() {
        let children = [at(40, 60), at(10, 30), at(20, 35)];
        assert_eq!(gaps(at(0, 100), children.into_iter()), [at(0, 10), at(35, 40), at(60, 100)]);
        assert_eq!(gaps(at(0, 100), [at(10, 90), at(20, 30)].into_iter()), [at(0, 10), at(90, 100)]);
        // Children before the start, beyond the end and outside.
        assert_eq!(gaps(at(0, 100), [at(-20, 30), at(90, 150), at(200, 300)].into_iter()), [at(30, 90)]);
        assert_eq!(gaps(at(0, 100), [at(0, 100), at(10, 20)].into_iter()), []);
        assert_eq!(gaps(at(0, 100), [at(150, 200)].into_iter()), [at(0, 100)]);
        assert_eq!(gaps(at(0, 100), std::iter::empty()), [at(0, 100)]);
        assert_eq!(gaps(at(5, 5), std::iter::empty()), []);
    }

    #[test]
    fn child_that_begins_before_its_parent_leads_beyond_what_clients_round() {
        let parent = at(10_000, 20_000);
        let lead = |start| lead(parent, at(start, start + 5));
        assert_eq!([4_000, 8_999, 9_000, 10_000, 30_000].map(lead), [Some(6_000), Some(1_001), None, None, None]);
    }
}
