//! The numbers of the overview, from requests and from what was not accepted as it was sent.

use crate::pages::chart::Buckets;
use crate::store::{Statistics, Timings};

/// The most operations of a list.
const MAX_OPERATIONS: usize = 5;

/// An operation and its requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) requests: Statistics,
}

/// The numbers of one interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Interval {
    pub(super) requests: Statistics,
    /// Items that were refused, or whose texts were cut.
    pub(super) not_whole: f64,
}

/// The numbers of the overview.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    /// All requests.
    pub(super) total: Interval,
    pub(super) buckets: Buckets,
    /// One for each bucket.
    pub(super) intervals: Vec<Interval>,
    /// The slowest first.
    pub(super) slowest: Vec<Operation>,
    /// The most failures first.
    pub(super) failing: Vec<Operation>,
}

impl Figures {
    /// `not_whole`: the times of the items that were refused or cut. `window`: the span of time of the scope, as far as
    /// it is limited; else the items limit it.
    pub(super) fn new(requests: &Timings, not_whole: &[i64], window: (Option<i64>, Option<i64>)) -> Self {
        let times = || requests.list.iter().map(|request| request.time).chain(not_whole.iter().copied());
        let first = window.0.or_else(|| times().min()).unwrap_or(0);
        let buckets = Buckets::spanning(first, window.1.or_else(|| times().max()).unwrap_or(first));
        let statistics = requests.grouped(buckets.count(), |request| buckets.index(request.time));
        let mut intervals: Vec<_> =
            statistics.into_iter().map(|requests| Interval { requests, not_whole: 0.0 }).collect();
        for index in not_whole.iter().filter_map(|time| buckets.index(*time)) {
            intervals[index].not_whole += 1.0;
        }
        let total = Interval { requests: requests.list.iter().collect(), not_whole: not_whole.len() as f64 };
        let operations = requests.by_name();
        let slow = operations.iter().filter(|(_, requests)| requests.p95().is_some());
        let slowest = first_of(slow, |requests| requests.p95().unwrap_or(0) as f64);
        let failed = operations.iter().filter(|(_, requests)| requests.failed > 0.0);
        let failing = first_of(failed, |requests| requests.failed);
        Self { total, buckets, intervals, slowest, failing }
    }
}

/// The operations with the largest values.
fn first_of<'a>(
    operations: impl Iterator<Item = &'a (&'a str, Statistics)>,
    value: impl Fn(&Statistics) -> f64,
) -> Vec<Operation> {
    let mut operations: Vec<_> = operations.map(|operation| (value(&operation.1), operation)).collect();
    operations.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.0.cmp(b.1.0)));
    let first = operations.into_iter().take(MAX_OPERATIONS);
    first.map(|(_, (name, requests))| Operation { name: (*name).to_owned(), requests: requests.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Timing;

    fn requests(list: &[(i64, &str, i64, bool, f64)]) -> Timings {
        let mut requests = Timings::default();
        for (time, name, duration, failed, weight) in list.iter().copied() {
            let name = requests.names.number(name);
            requests.list.push(Timing { time, name, duration: Some(duration), failed, weight });
        }
        requests
    }

    fn numbers(interval: &Interval) -> (f64, f64, Option<i64>, f64) {
        (interval.requests.count, interval.requests.failed, interval.requests.p95(), interval.not_whole)
    }

    #[test]
    fn numbers_are_weighted_in_total_in_each_interval_and_operation() {
        let requests = requests(&[
            (0, "a", 10, false, 1.0),
            (500_000, "b", 900, true, 1.0),
            (2_000_000, "a", 20, false, 40.0),
            (2_000_001, "a", 30, true, 4.0),
        ]);
        let figures = Figures::new(&requests, &[1_000_000, 1_000_001], (None, None));
        assert_eq!(numbers(&figures.total), (46.0, 5.0, Some(30), 2.0));
        let intervals: Vec<_> = figures.intervals.iter().map(numbers).collect();
        assert_eq!(intervals, [(2.0, 1.0, Some(900), 0.0), (0.0, 0.0, None, 2.0), (44.0, 4.0, Some(30), 0.0)]);
        let names = |operations: &[Operation]| operations.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&figures.slowest), names(&figures.failing)),
            (vec!["b".into(), "a".into()], vec!["a".into(), "b".into()])
        );
        assert_eq!((figures.slowest[1].requests.count, figures.slowest[1].requests.failed), (45.0, 4.0));
    }

    #[test]
    fn lists_are_short_and_a_window_limits_the_intervals() {
        let names: Vec<_> = (0..9).map(|number| format!("op {number}")).collect();
        let list: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(at, name)| (at as i64, name.as_str(), at as i64, at % 2 == 0, 1.0))
            .collect();
        let figures = Figures::new(&requests(&list), &[], (Some(-3_000_000), Some(1)));
        assert_eq!((figures.slowest.len(), figures.failing.len(), figures.intervals.len()), (5, 5, 4));
        assert_eq!((figures.slowest[0].name.as_str(), figures.failing[0].name.as_str()), ("op 8", "op 0"));
        let empty = Figures::new(&Timings::default(), &[], (None, None));
        assert_eq!((empty.total, empty.intervals.len()), (Interval::default(), 1));
    }
}
