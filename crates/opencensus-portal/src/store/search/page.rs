//! One page of a search: rows, counts by kind and facets, all of the same moment.

use rusqlite::{Connection, params_from_iter};

use crate::search::{Clause, Field, Query, Test};
use crate::store::count::Count;
use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::item::Item;
use crate::store::kind::ItemKind;
use crate::store::search::facets::Facet;
use crate::store::search::matches::{Newest, tally};

/// The rows of a page.
pub(crate) const MAX_ROWS: usize = 100;
/// The newest matching items whose custom properties are counted: their envelopes are read.
const MAX_PROPERTIES: usize = 2000;

/// What a page of a search shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchScope {
    /// The items that are searched.
    pub(crate) scope: Filter,
    pub(crate) query: Query,
    /// Only items with a lower id are rows.
    pub(crate) before: Option<i64>,
}

/// The result of a search.
#[derive(Debug, Default)]
pub(crate) struct SearchPage {
    /// Newest first.
    pub(crate) rows: Vec<Item>,
    /// Older rows have ids below this one. `None` if there are none.
    pub(crate) older: Option<i64>,
    /// The highest id of all items at this moment.
    pub(crate) newest: i64,
    pub(crate) total: Count,
    /// The number of failures before sampling.
    pub(crate) failed: f64,
    /// Counts by kind of the items that match all terms but those that name kinds.
    pub(crate) kinds: Vec<(ItemKind, Count)>,
    pub(crate) facets: Vec<Facet>,
    /// How many of the newest matching items the facets count: those of columns and those of properties. `None` if they
    /// count all.
    pub(crate) counted: Option<(usize, usize)>,
}

impl Store {
    /// Searches items.
    pub(crate) async fn search(&self, scope: SearchScope) -> Result<SearchPage, StoreError> {
        self.read(move |connection| search(connection, scope)).await
    }
}

fn search(connection: &Connection, SearchScope { scope, query, before }: SearchScope) -> rusqlite::Result<SearchPage> {
    let scope = scope.without_resource_metrics(&query);
    let (kinds, others) = query.split(&Field::Kind);
    let of_all_kinds = scope.matching(&others);
    let filter = of_all_kinds.clone().matching(&kinds);
    let mut newest = Newest::read(connection, &filter)?;
    let of_kinds = newest.tally_of_all(connection, &filter)?;
    let all_kinds =
        if kinds.terms.is_empty() { of_kinds.kinds.clone() } else { tally(connection, of_all_kinds)?.kinds };
    let (rows, older) = rows(connection, &newest, filter, before)?;
    let properties = count_properties(connection, &mut newest)?;
    let is_bounded = !newest.is_complete() || properties < newest.ids.len();
    Ok(SearchPage {
        rows,
        older,
        newest: connection.query_row("SELECT coalesce(max(id), 0) FROM items", [], |row| row.get(0))?,
        total: sum(&of_kinds.kinds),
        failed: of_kinds.failed,
        kinds: ordered(all_kinds),
        counted: is_bounded.then_some((newest.ids.len(), properties)),
        facets: newest.facets.finish(),
    })
}

fn sum(kinds: &[(ItemKind, Count)]) -> Count {
    kinds.iter().fold(Count::default(), |sum, (_, count)| Count {
        items: sum.items + count.items,
        weight: sum.weight + count.weight,
    })
}

fn ordered(mut kinds: Vec<(ItemKind, Count)>) -> Vec<(ItemKind, Count)> {
    kinds.sort_by_key(|(kind, _)| ItemKind::ALL.iter().position(|other| other == kind));
    kinds
}

/// The rows of the page, and the id that the next page is before.
fn rows(
    connection: &Connection,
    newest: &Newest,
    filter: Filter,
    before: Option<i64>,
) -> rusqlite::Result<(Vec<Item>, Option<i64>)> {
    let below = |id: &&i64| before.is_none_or(|before| **id < before);
    let mut ids: Vec<_> = newest.ids.iter().filter(below).take(MAX_ROWS + 1).copied().collect();
    if ids.len() <= MAX_ROWS && !newest.is_complete() {
        ids = ids_before(connection, filter.before(before.unwrap_or(i64::MAX)))?;
    }
    let has_older = ids.len() > MAX_ROWS;
    ids.truncate(MAX_ROWS);
    let older = ids.last().copied().filter(|_| has_older);
    Ok((items(connection, &ids)?, older))
}

fn ids_before(connection: &Connection, filter: Filter) -> rusqlite::Result<Vec<i64>> {
    let (tables, condition, values) = filter.to_select();
    let sql = format!("SELECT id FROM {tables} WHERE {condition} ORDER BY id DESC LIMIT {}", MAX_ROWS + 1);
    connection.prepare_cached(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
}

fn items(connection: &Connection, ids: &[i64]) -> rusqlite::Result<Vec<Item>> {
    let sql = format!("SELECT {} FROM items JOIN envelopes USING (id) WHERE items.id = ?", Item::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    ids.iter().map(|id| statement.query_row([id], Item::from_row)).collect()
}

/// Counts the custom properties of the newest items, and returns how many items these are.
fn count_properties(connection: &Connection, newest: &mut Newest) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached("SELECT raw FROM envelopes WHERE id = ?")?;
    let counted = newest.ids.iter().zip(&newest.weights).take(MAX_PROPERTIES);
    for (id, weight) in counted.clone() {
        let mut rows = statement.query([id])?;
        if let Some(row) = rows.next()? {
            newest.facets.add_properties(row.get_ref(0)?.as_str()?, *weight);
        }
    }
    Ok(counted.len())
}

/// The kinds that a search names.
pub(crate) fn selected_kinds(query: &Query) -> Vec<ItemKind> {
    let kind = |clause: &Clause| match clause {
        Clause::Field(Field::Kind, Test::Equals(name)) => ItemKind::from_name(name),
        _ => None,
    };
    query.included().filter_map(kind).collect()
}
