//! Which roles reported, and what was not accepted as it was sent.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Row, Transaction, params_from_iter};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::names::Names;
use crate::store::timings::text;

/// The most roles that are listed.
const MAX_ROLES: usize = 50;
/// The most SDKs that are listed for a role.
const MAX_SDKS: usize = 5;

/// A role that reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RoleReport {
    /// Empty if the items name no role.
    pub(crate) role: String,
    /// The number of different instances.
    pub(crate) instances: usize,
    /// The names and versions of its SDKs.
    pub(crate) sdks: Vec<String>,
    /// The number of items before sampling.
    pub(crate) items: f64,
    /// When the newest item was received, in microseconds since 1970.
    pub(crate) last_received: i64,
}

/// The items of a scope, without regard to their kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ItemReport {
    /// The roles with the most items first.
    pub(crate) roles: Vec<RoleReport>,
    /// The number of roles that are not listed.
    pub(crate) more_roles: usize,
    /// Whether an item represents more than itself.
    pub(crate) sampled: bool,
    /// The times of the items whose texts were cut.
    pub(crate) cut: Vec<i64>,
}

/// A role, an instance and an SDK, by their numbers.
type Source = (usize, usize, usize);

#[derive(Clone, Copy, Default)]
struct Received {
    items: f64,
    last: i64,
}

impl Store {
    /// Groups the items that match the filter by their role.
    pub(crate) async fn item_report(&self, filter: Filter) -> Result<ItemReport, StoreError> {
        self.read(move |connection| item_report(connection, &filter)).await
    }

    /// The times at which items that match the filter were refused, in microseconds since 1970. The filter may compare
    /// runs, times and roles.
    pub(crate) async fn refusal_times(&self, filter: Filter) -> Result<Vec<i64>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            // A refusal of an item notes that a text of the item was cut.
            let sql = format!(
                "SELECT received FROM (SELECT *, received AS time FROM refusals) WHERE item IS NULL AND {condition}"
            );
            connection.prepare_cached(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
        })
        .await
    }
}

fn item_report(connection: &Transaction<'_>, filter: &Filter) -> rusqlite::Result<ItemReport> {
    let (condition, values) = filter.to_sql();
    let sql = format!("SELECT role, role_instance, sdk, weight, received, cuts, time FROM items WHERE {condition}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut names, mut sources) = (Names::default(), HashMap::<Source, Received>::new());
    let mut report = ItemReport::default();
    while let Some(row) = rows.next()? {
        let source = source(row, &mut names)?;
        let (weight, received): (f64, i64) = (row.get(3)?, row.get(4)?);
        let entry = sources.entry(source).or_default();
        entry.items += weight;
        entry.last = entry.last.max(received);
        report.sampled |= weight != 1.0;
        if row.get::<_, i64>(5)? > 0 {
            report.cut.push(row.get(6)?);
        }
    }
    report.roles = roles(&names, &sources);
    report.more_roles = report.roles.len().saturating_sub(MAX_ROLES);
    report.roles.truncate(MAX_ROLES);
    Ok(report)
}

fn source(row: &Row<'_>, names: &mut Names) -> rusqlite::Result<Source> {
    let mut number = |column: usize| Ok::<_, rusqlite::Error>(names.number(text(row.get_ref(column)?)));
    Ok((number(0)?, number(1)?, number(2)?))
}

fn roles(names: &Names, sources: &HashMap<Source, Received>) -> Vec<RoleReport> {
    let mut roles = HashMap::<usize, (RoleReport, BTreeSet<usize>, BTreeSet<&str>)>::new();
    for ((role, instance, sdk), received) in sources {
        let (report, instances, sdks) = roles.entry(*role).or_default();
        report.items += received.items;
        report.last_received = report.last_received.max(received.last);
        if !names.text(*instance).is_empty() {
            instances.insert(*instance);
        }
        if !names.text(*sdk).is_empty() {
            sdks.insert(names.text(*sdk));
        }
    }
    let report = |(role, (report, instances, sdks)): (usize, (RoleReport, BTreeSet<usize>, BTreeSet<&str>))| {
        let sdks = sdks.into_iter().take(MAX_SDKS).map(str::to_owned).collect();
        RoleReport { role: names.text(role).to_owned(), instances: instances.len(), sdks, ..report }
    };
    let mut reports: Vec<_> = roles.into_iter().map(report).collect();
    reports.sort_by(|a, b| b.items.total_cmp(&a.items).then_with(|| a.role.cmp(&b.role)));
    reports
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Limits, NewItem, NewRefusal};

    fn item(role: &str, instance: &str, sdk: &str, received: i64) -> NewItem {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (role, role_instance, sdk) = (text(role), text(instance), text(sdk));
        NewItem { role, role_instance, sdk, received, time: received, sample_rate: 100.0, ..NewItem::default() }
    }

    #[tokio::test]
    async fn roles_are_listed_with_their_instances_and_sdks() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let sampled = NewItem {
            sample_rate: 25.0,
            cuts: vec![NewRefusal::default(); 2],
            ..item("cart", "c1", "py2.7:oc0.8:ext1.1", 9)
        };
        let items = vec![
            item("shop", "a", "rust:0.1", 5),
            item("shop", "b", "rust:0.1", 7),
            item("shop", "b", "rust:0.2", 6),
            sampled,
            item("", "", "", 1),
        ];
        store.insert(items).await.unwrap();
        let report = store.item_report(Filter::default()).await.unwrap();
        let roles: Vec<_> =
            report.roles.iter().map(|role| (&*role.role, role.instances, role.items, role.last_received)).collect();
        assert_eq!(roles, [("cart", 1, 4.0, 9), ("shop", 2, 3.0, 7), ("", 0, 1.0, 1)]);
        assert_eq!(report.roles[1].sdks, ["rust:0.1", "rust:0.2"]);
        assert_eq!((report.sampled, report.cut, report.more_roles), (true, vec![9], 0));
        assert!(!store.item_report(Filter::default().role("shop")).await.unwrap().sampled);
    }

    #[tokio::test]
    async fn refused_items_are_counted_and_cut_ones_are_not_counted_twice() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let refusal = |received, role: &str| NewRefusal { received, role: Some(role.into()), ..NewRefusal::default() };
        let cut = NewItem { cuts: vec![refusal(20, "shop")], ..item("shop", "", "", 20) };
        store.insert(vec![cut]).await.unwrap();
        store.insert_with_refusals(Vec::new(), vec![refusal(10, "shop"), refusal(20, "cart")]).await.unwrap();
        for (filter, expected) in [
            (Filter::default(), vec![10, 20]),
            (Filter::default().in_run(2), vec![]),
            (Filter::default().since(20).until(30), vec![20]),
            (Filter::default().role("shop"), vec![10]),
        ] {
            assert_eq!(store.refusal_times(filter.clone()).await.unwrap(), expected, "{filter}");
        }
    }
}
