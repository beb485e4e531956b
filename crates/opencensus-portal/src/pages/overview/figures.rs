//! The numbers of the overview, from requests and from what was not accepted as it was sent.

use std::collections::HashMap;

use crate::pages::chart::Buckets;
use crate::store::{Distribution, RequestPoint, RequestPoints};

/// The most operations of a list.
const MAX_OPERATIONS: usize = 5;

/// An operation and its requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) name: String,
    /// Before sampling.
    pub(super) requests: f64,
    pub(super) failed: f64,
    /// In microseconds.
    pub(super) p95: Option<i64>,
}

/// The numbers of one interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Interval {
    pub(super) requests: f64,
    pub(super) failed: f64,
    /// In microseconds.
    pub(super) p95: Option<i64>,
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
    pub(super) fn new(requests: &RequestPoints, not_whole: &[i64], window: (Option<i64>, Option<i64>)) -> Self {
        let times = || requests.points.iter().map(|point| point.time).chain(not_whole.iter().copied());
        let first = window.0.or_else(|| times().min()).unwrap_or(0);
        let buckets = Buckets::spanning(first, window.1.or_else(|| times().max()).unwrap_or(first));
        let points = &requests.points;
        let mut intervals = vec![Interval::default(); buckets.count()];
        for (index, points) in group(points, |point| buckets.index(point.time)) {
            intervals[index] = interval(&points);
        }
        for index in not_whole.iter().filter_map(|time| buckets.index(*time)) {
            intervals[index].not_whole += 1.0;
        }
        let operations: Vec<_> = group(points, |point| Some(point.operation))
            .into_iter()
            .map(|(operation, points)| {
                let Interval { requests: number, failed, p95, .. } = interval(&points);
                Operation { name: requests.names.text(operation).to_owned(), requests: number, failed, p95 }
            })
            .collect();
        let total = Interval { not_whole: not_whole.len() as f64, ..interval(&points.iter().collect::<Vec<_>>()) };
        Self { total, buckets, intervals, slowest: slowest(&operations), failing: failing(&operations) }
    }
}

fn group(points: &[RequestPoint], key: impl Fn(&RequestPoint) -> Option<usize>) -> HashMap<usize, Vec<&RequestPoint>> {
    let mut groups = HashMap::<usize, Vec<&RequestPoint>>::new();
    for point in points {
        if let Some(key) = key(point) {
            groups.entry(key).or_default().push(point);
        }
    }
    groups
}

fn interval(points: &[&RequestPoint]) -> Interval {
    let durations = points.iter().filter_map(|point| Some((point.duration?, point.weight)));
    Interval {
        requests: points.iter().map(|point| point.weight).sum(),
        failed: points.iter().filter(|point| point.failed).map(|point| point.weight).sum(),
        p95: durations.collect::<Distribution>().percentile(0.95),
        not_whole: 0.0,
    }
}

fn slowest(operations: &[Operation]) -> Vec<Operation> {
    let mut slowest: Vec<_> = operations.iter().filter(|operation| operation.p95.is_some()).collect();
    slowest.sort_by(|a, b| b.p95.cmp(&a.p95).then_with(|| a.name.cmp(&b.name)));
    slowest.into_iter().take(MAX_OPERATIONS).cloned().collect()
}

fn failing(operations: &[Operation]) -> Vec<Operation> {
    let mut failing: Vec<_> = operations.iter().filter(|operation| operation.failed > 0.0).collect();
    failing.sort_by(|a, b| b.failed.total_cmp(&a.failed).then_with(|| a.name.cmp(&b.name)));
    failing.into_iter().take(MAX_OPERATIONS).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(points: &[(i64, &str, i64, bool, f64)]) -> RequestPoints {
        let mut requests = RequestPoints::default();
        for (time, name, duration, failed, weight) in points.iter().copied() {
            let operation = requests.names.number(name);
            let point = RequestPoint { time, operation, duration: Some(duration), failed, weight };
            requests.points.push(point);
        }
        requests
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
        assert_eq!(figures.total, Interval { requests: 46.0, failed: 5.0, p95: Some(30), not_whole: 2.0 });
        let numbers: Vec<_> = figures.intervals.iter().map(|i| (i.requests, i.failed, i.p95, i.not_whole)).collect();
        assert_eq!(numbers, [(2.0, 1.0, Some(900), 0.0), (0.0, 0.0, None, 2.0), (44.0, 4.0, Some(30), 0.0)]);
        let names = |operations: &[Operation]| operations.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&figures.slowest), names(&figures.failing)),
            (vec!["b".into(), "a".into()], vec!["a".into(), "b".into()])
        );
        assert_eq!((figures.slowest[1].requests, figures.slowest[1].failed), (45.0, 4.0));
    }

    #[test]
    fn lists_are_short_and_a_window_limits_the_intervals() {
        let names: Vec<_> = (0..9).map(|number| format!("op {number}")).collect();
        let points: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(at, name)| (at as i64, name.as_str(), at as i64, at % 2 == 0, 1.0))
            .collect();
        let figures = Figures::new(&requests(&points), &[], (Some(-3_000_000), Some(1)));
        assert_eq!((figures.slowest.len(), figures.failing.len(), figures.intervals.len()), (5, 5, 4));
        assert_eq!((figures.slowest[0].name.as_str(), figures.failing[0].name.as_str()), ("op 8", "op 0"));
        let empty = Figures::new(&RequestPoints::default(), &[], (None, None));
        assert_eq!((empty.total, empty.intervals.len()), (Interval::default(), 1));
    }
}
