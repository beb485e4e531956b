//! Groups the results of availability tests by test and location.

use std::collections::BTreeMap;

use crate::pages::chart::Buckets;
use crate::store::{Statistics, TestResult, TestResults};

/// The most tests of a page.
const MAX_TESTS: usize = 20;
/// The most locations of a test.
const MAX_LOCATIONS: usize = 16;

/// A test, with its results at all locations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) name: String,
    pub(super) results: Statistics,
    /// In alphabetical order.
    pub(super) locations: Vec<Location>,
    /// The number of locations that are not listed.
    pub(super) more_locations: usize,
}

/// The results of a test at a location.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Location {
    pub(super) name: String,
    pub(super) results: Statistics,
    pub(super) last: TestResult,
    pub(super) last_failed: Option<TestResult>,
    /// One for each bucket.
    pub(super) cells: Vec<Cell>,
}

/// The results of an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) succeeded: f64,
    pub(super) failed: f64,
    /// The id of the newest result that failed, or else of the newest.
    pub(super) sample: Option<i64>,
}

/// What a cell shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    None,
    Succeeded,
    Failed,
    Mixed,
}

impl Cell {
    pub(super) fn outcome(&self) -> Outcome {
        match (self.succeeded > 0.0, self.failed > 0.0) {
            (false, false) => Outcome::None,
            (true, false) => Outcome::Succeeded,
            (false, true) => Outcome::Failed,
            (true, true) => Outcome::Mixed,
        }
    }

    fn add(&mut self, result: &TestResult) {
        if result.failed || self.failed == 0.0 {
            self.sample = Some(result.id);
        }
        *(if result.failed { &mut self.failed } else { &mut self.succeeded }) += result.weight;
    }
}

/// The tests in alphabetical order, and the number of those that are not listed.
pub(super) fn tests(results: &TestResults, buckets: &Buckets) -> (Vec<Test>, usize) {
    let mut tests = BTreeMap::<&str, BTreeMap<&str, Vec<&TestResult>>>::new();
    for result in &results.list {
        let locations = tests.entry(results.names.text(result.test)).or_default();
        locations.entry(results.names.text(result.location)).or_default().push(result);
    }
    let more = tests.len().saturating_sub(MAX_TESTS);
    let tests = tests.into_iter().take(MAX_TESTS).map(|(name, locations)| test(name, &locations, buckets));
    (tests.collect(), more)
}

fn test(name: &str, locations: &BTreeMap<&str, Vec<&TestResult>>, buckets: &Buckets) -> Test {
    let listed = locations.iter().take(MAX_LOCATIONS);
    Test {
        name: name.to_owned(),
        results: statistics(locations.values().flatten().copied()),
        locations: listed.filter_map(|(name, results)| location(name, results, buckets)).collect(),
        more_locations: locations.len().saturating_sub(MAX_LOCATIONS),
    }
}

fn location(name: &str, results: &[&TestResult], buckets: &Buckets) -> Option<Location> {
    let mut cells = vec![Cell::default(); buckets.count()];
    for result in results {
        if let Some(cell) = buckets.index(result.time) {
            cells[cell].add(result);
        }
    }
    Some(Location {
        name: name.to_owned(),
        results: statistics(results.iter().copied()),
        last: **results.last()?,
        last_failed: results.iter().rev().find(|result| result.failed).map(|result| **result),
        cells,
    })
}

fn statistics<'a>(results: impl Iterator<Item = &'a TestResult>) -> Statistics {
    Statistics::new(results.map(|result| (result.duration, result.failed, result.weight)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(list: &[(&str, &str, i64, bool)]) -> TestResults {
        let mut results = TestResults::default();
        for (id, (test, location, seconds, failed)) in (1..).zip(list.iter().copied()) {
            let (test, location) = (results.names.number(test), results.names.number(location));
            let time = seconds * 1_000_000;
            results.list.push(TestResult { id, time, test, location, duration: Some(10 * id), failed, weight: 1.0 });
        }
        results
    }

    #[test]
    fn results_are_grouped_by_test_and_location_with_the_last_of_each() {
        let results = results(&[
            ("home", "west", 0, false),
            ("home", "east", 0, true),
            ("cart", "", 1, true),
            ("home", "west", 2, true),
            ("home", "west", 2, false),
        ]);
        let (tests, more) = tests(&results, &Buckets::spanning(0, 2_000_000));
        let names: Vec<_> = tests.iter().map(|test| (&*test.name, test.results.count, test.locations.len())).collect();
        assert_eq!((names, more), (vec![("cart", 1.0, 1), ("home", 4.0, 2)], 0));
        let west = &tests[1].locations[1];
        assert_eq!((&*west.name, west.results.count, west.results.failed), ("west", 3.0, 1.0));
        assert_eq!((west.last.id, west.last_failed.map(|result| result.id)), (5, Some(4)));
        let outcomes: Vec<_> = west.cells.iter().map(Cell::outcome).collect();
        assert_eq!(outcomes, [Outcome::Succeeded, Outcome::None, Outcome::Mixed]);
        assert_eq!((west.cells[2].sample, west.cells[0].sample, west.cells[1].sample), (Some(4), Some(1), None));
        assert_eq!(tests[1].locations[0].cells[0].outcome(), Outcome::Failed);
    }

    #[test]
    fn long_lists_are_limited() {
        let names: Vec<_> = (100..170).map(|number| number.to_string()).collect();
        let mut list: Vec<_> = names.iter().map(|name| (name.as_str(), "", 0, false)).collect();
        list.extend(names.iter().map(|name| ("100", name.as_str(), 0, false)));
        let (tests, more) = tests(&results(&list), &Buckets::spanning(0, 0));
        assert_eq!((tests.len(), more, tests[0].locations.len(), tests[0].more_locations), (20, 50, 16, 55));
        assert_eq!(tests[0].results.count, 71.0);
    }
}
