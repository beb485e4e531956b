//! The items that a search matches: the newest one by one, the others as sums.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};

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
    /// Adds an item whose kind, weight and success are the first columns of the row. Returns the weight.
    fn add_row(&mut self, row: &Row<'_>) -> rusqlite::Result<f64> {
        let (name, weight) = (row.get_ref(0)?.as_str()?, row.get(1)?);
        let fails = row.get_ref(2)? == ValueRef::Integer(0) || name == ItemKind::Exception.as_str();
        self.failed += if fails { weight } else { 0.0 };
        let known = self.kinds.iter_mut().find(|(kind, _)| kind.as_str() == name);
        let count = match known {
            Some((_, count)) => count,
            None => {
                self.kinds.push((row.get::<_, KindColumn>(0)?.0, Count::default()));
                &mut self.kinds.last_mut().ok_or(rusqlite::Error::InvalidQuery)?.1
            }
        };
        count.items += 1;
        count.weight += weight;
        Ok(weight)
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
        let (tables, condition, values) = filter.to_select();
        let mut statement = connection.prepare_cached(&newest_sql(tables, &condition))?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut newest = Self::default();
        while let Some(row) = rows.next()? {
            let weight = newest.tally.add_row(row)?;
            newest.ids.push(row.get(3)?);
            newest.weights.push(weight);
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

fn newest_sql(tables: &str, condition: &str) -> String {
    format!(
        "SELECT kind, weight, success, id, {} FROM {tables} WHERE {condition} ORDER BY id DESC LIMIT {MAX_COUNTED}",
        facets::COLUMNS
    )
}

/// Each item is a row: SQLite would sort the items to group them.
fn tally_sql(tables: &str, condition: &str) -> String {
    format!("SELECT kind, weight, success FROM {tables} WHERE {condition}")
}

/// Counts the items that a filter matches.
pub(super) fn tally(connection: &Connection, filter: Filter) -> rusqlite::Result<Tally> {
    let mut tally = Tally::default();
    add_all(&mut tally, connection, filter)?;
    Ok(tally)
}

fn add_all(tally: &mut Tally, connection: &Connection, filter: Filter) -> rusqlite::Result<()> {
    let (tables, condition, values) = filter.to_select();
    let mut statement = connection.prepare_cached(&tally_sql(tables, &condition))?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        tally.add_row(row)?;
    }
    Ok(())
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Query;
    use crate::store::schema;
    use crate::store::search::functions::register;

    #[test]
    fn items_are_read_in_the_order_of_their_ids_or_through_an_index_in_that_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        schema::migrate(&mut connection).unwrap();
        let plan = |sql: &str, values: Vec<rusqlite::types::Value>| -> String {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
        };
        for (text, first, all_first) in [
            ("", "SCAN items", "SCAN items USING COVERING INDEX items_by_run"),
            (
                "oak -path tenant:acme",
                "SCAN envelopes; SEARCH items USING INTEGER PRIMARY KEY",
                "SCAN envelopes; SEARCH items",
            ),
            ("kind:request,trace -kind:event status:500", "SCAN items", "SCAN items"),
            ("kind:request oak", "SEARCH items USING INDEX items_by_kind", "SEARCH items USING INDEX items_by_kind"),
            (
                "trace:0af7",
                "SEARCH items USING INDEX items_by_operation",
                "SEARCH items USING INDEX items_by_operation",
            ),
        ] {
            let (tables, condition, values) = Filter::default().in_run(1).matching(&Query::parse(text)).to_select();
            let newest = plan(&newest_sql(tables, &condition), values.clone());
            let all = plan(&tally_sql(tables, &condition), values);
            println!("{text:?}: {newest} | {all}");
            assert!(!newest.contains("TEMP B-TREE"), "{text}: {newest}");
            assert!(newest.starts_with(first) && all.starts_with(all_first), "{text}: {newest} | {all}");
        }
    }
}
