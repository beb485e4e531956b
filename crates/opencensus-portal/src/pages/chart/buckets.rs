//! Divides a span of time into intervals of the same width.

/// The most intervals of a chart.
const MAX_BUCKETS: i64 = 60;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The widths of intervals in seconds, below a day.
const WIDTHS: [i64; 18] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
/// No time is further from 1970 than this, so that sums do not overflow.
const FURTHEST: i64 = 1 << 60;

/// Intervals of time, in microseconds since 1970. They begin at multiples of their width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::pages) struct Buckets {
    start: i64,
    width: i64,
    count: usize,
}

impl Buckets {
    /// At most 60 intervals, of the smallest width that has a name, which contain both times.
    pub(in crate::pages) fn spanning(first: i64, last: i64) -> Self {
        let first = first.clamp(-FURTHEST, FURTHEST);
        let last = last.clamp(first, FURTHEST);
        let start = |width: i64| first.div_euclid(width) * width;
        let count = |width: i64| (last - start(width)) / width + 1;
        let days = ((last - first) / DAY / (MAX_BUCKETS - 1)).max(1);
        let mut widths = WIDTHS.map(|seconds| seconds * SECOND).into_iter().chain([days * DAY, (days + 1) * DAY]);
        let width = widths.find(|width| count(*width) <= MAX_BUCKETS).unwrap_or(DAY * (days + 2));
        Self { start: start(width), width, count: count(width) as usize }
    }

    /// The number of intervals.
    pub(in crate::pages) fn count(&self) -> usize {
        self.count
    }

    /// The interval of a time, if there is one.
    pub(in crate::pages) fn index(&self, time: i64) -> Option<usize> {
        let offset = usize::try_from(time.checked_sub(self.start)?.div_euclid(self.width)).ok()?;
        (offset < self.count).then_some(offset)
    }

    /// When the interval begins. The one after the last begins where the last ends.
    pub(in crate::pages) fn start(&self, index: usize) -> i64 {
        self.start + self.width * index as i64
    }

    /// The width as a text: `10 s`, `5 min`, `2 h`, `3 d`.
    pub(in crate::pages) fn width(&self) -> String {
        let seconds = self.width / SECOND;
        match seconds {
            0..60 => format!("{seconds} s"),
            60..3600 => format!("{} min", seconds / 60),
            3600..86_400 => format!("{} h", seconds / 3600),
            _ => format!("{} d", seconds / 86_400),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(first: i64, last: i64) -> (i64, usize, String) {
        let buckets = Buckets::spanning(first * SECOND, last * SECOND);
        (buckets.start / SECOND, buckets.count, buckets.width())
    }

    #[test]
    fn width_is_the_smallest_that_has_a_name_and_needs_at_most_60_intervals() {
        for (first, last, expected) in [
            (7, 7, (7, 1, "1 s")),
            (0, 59, (0, 60, "1 s")),
            (0, 60, (0, 31, "2 s")),
            (1003, 1303, (1000, 61 - 30, "10 s")),
            (0, 30 * 60, (0, 31, "1 min")),
            (0, 4 * 3600, (0, 49, "5 min")),
            (0, 7 * 86_400, (0, 57, "3 h")),
            (0, 365 * 86_400, (0, 53, "7 d")),
        ] {
            let (start, count, width) = expected;
            assert_eq!(shape(first, last), (start, count, width.to_owned()), "{first} to {last}");
        }
    }

    #[test]
    fn any_two_times_have_at_most_60_intervals_that_contain_them() {
        let times = [i64::MIN, -FURTHEST, -DAY * 400, -1, 0, 1, SECOND * 59, DAY * 30 + 1, FURTHEST - 1, i64::MAX];
        for first in times {
            for last in times {
                let buckets = Buckets::spanning(first, last);
                assert!((1..=60).contains(&buckets.count), "{first} {last}: {buckets:?}");
                let inside = |time: i64| buckets.index(time.clamp(-FURTHEST, FURTHEST)).is_some();
                assert!(inside(first) && (last < first || inside(last)), "{first} {last}: {buckets:?}");
            }
        }
    }

    #[test]
    fn times_outside_have_no_interval() {
        let buckets = Buckets::spanning(10 * SECOND, 12 * SECOND);
        let indices = [9_999_999, 10_000_000, 12_999_999, 13_000_000, i64::MIN].map(|time| buckets.index(time));
        assert_eq!(indices, [None, Some(0), Some(2), None, None]);
        assert_eq!(buckets.start(2), 12 * SECOND);
    }
}
