//! What charts and percentiles need of each request, call or page view.

use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::names::Names;
use crate::store::percentile::Distribution;

/// A request, a call, a page view or a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Timing {
    /// When it began, in microseconds since 1970.
    pub(crate) time: i64,
    /// The number of its name.
    pub(crate) name: usize,
    /// In microseconds.
    pub(crate) duration: Option<i64>,
    pub(crate) failed: bool,
    /// The number of items that it represents.
    pub(crate) weight: f64,
}

/// Timings in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timings {
    pub(crate) names: Names,
    pub(crate) list: Vec<Timing>,
}

/// Numbers of several timings, before sampling.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) count: f64,
    pub(crate) failed: f64,
    pub(crate) durations: Distribution,
}

impl Statistics {
    /// `timings`: the duration, whether it failed, and the weight of each.
    pub(crate) fn new(timings: impl IntoIterator<Item = (Option<i64>, bool, f64)>) -> Self {
        let mut statistics = Self::default();
        let durations = timings.into_iter().filter_map(|(duration, failed, weight)| {
            statistics.count += weight;
            statistics.failed += if failed { weight } else { 0.0 };
            Some((duration?, weight))
        });
        let durations = durations.collect();
        Self { durations, ..statistics }
    }

    /// The share that failed, from 0 to 1.
    pub(crate) fn failed_share(&self) -> f64 {
        if self.count > 0.0 { self.failed / self.count } else { 0.0 }
    }

    /// The 95th percentile of the durations, in microseconds.
    pub(crate) fn p95(&self) -> Option<i64> {
        self.durations.percentile(0.95)
    }
}

impl<'a> FromIterator<&'a Timing> for Statistics {
    fn from_iter<T: IntoIterator<Item = &'a Timing>>(timings: T) -> Self {
        Self::new(timings.into_iter().map(|timing| (timing.duration, timing.failed, timing.weight)))
    }
}

impl Timings {
    /// The timings that have the same key. Those without a key are left out.
    pub(crate) fn grouped(&self, count: usize, key: impl Fn(&Timing) -> Option<usize>) -> Vec<Statistics> {
        let mut groups = vec![Vec::new(); count];
        for timing in &self.list {
            if let Some(group) = key(timing).and_then(|key| groups.get_mut(key)) {
                group.push(timing);
            }
        }
        groups.into_iter().map(|group| group.into_iter().collect()).collect()
    }

    /// The statistics of each name, in no order.
    pub(crate) fn by_name(&self) -> Vec<(&str, Statistics)> {
        let statistics = self.grouped(self.names.len(), |timing| Some(timing.name));
        statistics.into_iter().enumerate().map(|(name, statistics)| (self.names.text(name), statistics)).collect()
    }
}

impl Store {
    /// The timings of the items that match the filter.
    pub(crate) async fn timings(&self, filter: Filter) -> Result<Timings, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql = format!("SELECT time, name, duration, success, weight FROM items WHERE {condition}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut timings = Timings::default();
            while let Some(row) = rows.next()? {
                let timing = timing(row, &mut timings.names)?;
                timings.list.push(timing);
            }
            Ok(timings)
        })
        .await
    }
}

fn timing(row: &Row<'_>, names: &mut Names) -> rusqlite::Result<Timing> {
    Ok(Timing {
        time: row.get(0)?,
        name: names.number(text(row.get_ref(1)?)),
        duration: row.get(2)?,
        failed: row.get::<_, Option<bool>>(3)? == Some(false),
        weight: row.get(4)?,
    })
}

/// A text without a copy. Empty if the column is null.
pub(super) fn text(value: ValueRef<'_>) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_weighted_and_items_without_a_duration_count() {
        let statistics = Statistics::new([(Some(10), false, 4.0), (None, true, 1.0), (Some(90), false, 3.0)]);
        assert_eq!((statistics.count, statistics.failed, statistics.failed_share()), (8.0, 1.0, 0.125));
        assert_eq!((statistics.p95(), statistics.durations.percentile(0.5)), (Some(90), Some(10)));
        assert_eq!((Statistics::default().failed_share(), Statistics::default().p95()), (0.0, None));
    }
}
