//! The items that a search matches: the newest one by one, the others as sums.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use crate::store::count::Count;
use crate::store::filter::Filter;
use crate::store::kind::{ItemKind, KindColumn};
use crate::store::search::facets::{self, FacetCounter};

/// The newest matching items whose facets are counted.
pub(super) const MAX_COUNTED: usize = 10_000;

/// Counts of items by kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally {
    pub(super) kinds: Vec<(ItemKind, Count)>,
    /// The number of failures before sampling.
    pub(super) failed: f64,
}

impl Tally {
    fn add(&mut self, kind: ItemKind, count: Count, failed: f64) {
        self.failed += failed;
        match self.kinds.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, sum)) => {
                sum.items += count.items;
                sum.weight += count.weight;
            }
            None => self.kinds.push((kind, count)),
        }
    }
}

/// The newest items that a filter matches.
#[derive(Debug, Default)]
pub(super) struct Newest {
    /// Newest first.
    pub(super) ids: Vec<i64>,
    pub(super) weights: Vec<f64>,
    pub(super) tally: Tally,
    pub(super) facets: FacetCounter,
}

impl Newest {
    pub(super) fn read(connection: &Connection, filter: &Filter) -> rusqlite::Result<Self> {
        let (condition, values) = filter.to_sql();
        let sql = format!(
            "SELECT id, weight, kind, success, {} FROM items WHERE {condition} ORDER BY id DESC LIMIT {MAX_COUNTED}",
            facets::COLUMNS
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut newest = Self::default();
        while let Some(row) = rows.next()? {
            let (weight, kind) = (row.get(1)?, row.get::<_, KindColumn>(2)?.0);
            let fails = kind == ItemKind::Exception || row.get_ref(3)? == ValueRef::Integer(0);
            newest.ids.push(row.get(0)?);
            newest.weights.push(weight);
            newest.tally.add(kind, Count { items: 1, weight }, if fails { weight } else { 0.0 });
            newest.facets.add(row, 4, weight)?;
        }
        Ok(newest)
    }

    /// Whether these are all matching items.
    pub(super) fn is_complete(&self) -> bool {
        self.ids.len() < MAX_COUNTED
    }

    /// Counts of all matching items.
    pub(super) fn tally_of_all(&self, connection: &Connection, filter: &Filter) -> rusqlite::Result<Tally> {
        let mut tally = self.tally.clone();
        if let (Some(last), false) = (self.ids.last(), self.is_complete()) {
            add_all(&mut tally, connection, filter.clone().before(*last))?;
        }
        Ok(tally)
    }
}

/// Counts the items that a filter matches.
pub(super) fn tally(connection: &Connection, filter: Filter) -> rusqlite::Result<Tally> {
    let mut tally = Tally::default();
    add_all(&mut tally, connection, filter)?;
    Ok(tally)
}

fn add_all(tally: &mut Tally, connection: &Connection, filter: Filter) -> rusqlite::Result<()> {
    let (condition, values) = filter.to_sql();
    // The plus keeps SQLite from reading the items in the order of an index that lacks the other columns.
    let sql = format!(
        "SELECT kind, count(*), sum(weight), coalesce(sum(weight) FILTER (WHERE success = 0 OR kind = 'exception'), 0.0)
        FROM items WHERE {condition} GROUP BY +kind"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let count = Count { items: row.get::<_, i64>(1)? as u64, weight: row.get(2)? };
        tally.add(row.get::<_, KindColumn>(0)?.0, count, row.get(3)?);
    }
    Ok(())
}
