//! Failures, grouped by what failed.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Row, Transaction, params_from_iter};

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;
use crate::store::kind::ItemKind;
use crate::store::names::Names;
use crate::store::timings::text;

/// The newest failures that a group keeps.
pub(crate) const SAMPLES: usize = 3;

/// What failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FailuresOf {
    /// Requests, by their names.
    Operations,
    /// Calls, by their names.
    Dependencies,
    /// Exceptions, by their problem ids.
    Exceptions,
}

impl FailuresOf {
    /// The items that failed.
    pub(crate) fn failed(self, filter: Filter) -> Filter {
        match self {
            Self::Exceptions => filter.of_kind(self.kind()),
            Self::Operations | Self::Dependencies => filter.of_kind(self.kind()).failed(),
        }
    }

    pub(crate) fn kind(self) -> ItemKind {
        match self {
            Self::Operations => ItemKind::Request,
            Self::Dependencies => ItemKind::Dependency,
            Self::Exceptions => ItemKind::Exception,
        }
    }

    /// The SQL expression of what groups failures.
    fn key(self) -> &'static str {
        match self {
            Self::Operations | Self::Dependencies => "name",
            Self::Exceptions => "coalesce(problem_id, name)",
        }
    }

    /// The failures of one group.
    pub(crate) fn of_group(self, filter: Filter, key: &str) -> Filter {
        self.failed(filter).and_sql(format!("{} = ?", self.key()), vec![key.to_owned().into()])
    }
}

/// Failures with the same key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FailureGroup {
    /// The name of the operation or call, or the problem id.
    pub(crate) key: String,
    /// The number before sampling.
    pub(crate) count: f64,
    /// The number of all items with this name, before sampling, whether they failed or not. 0 for exceptions.
    pub(crate) of: f64,
    /// The number of different users.
    pub(crate) users: usize,
    pub(crate) roles: Vec<String>,
    /// The times of the first and the last, in microseconds since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// The ids of the newest, newest first.
    pub(crate) samples: Vec<i64>,
}

/// All failures of a filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Failures {
    /// The most frequent first.
    pub(crate) groups: Vec<FailureGroup>,
    /// The time and the weight of each failure.
    pub(crate) times: Vec<(i64, f64)>,
    /// The number of failures of each result code, the most frequent first.
    pub(crate) codes: Vec<(String, f64)>,
}

impl Filter {
    /// Matches items with this result code; those without one if it is empty.
    pub(crate) fn of_code(self, code: &str) -> Self {
        self.and("coalesce(code, '') = ?", code.to_owned())
    }
}

impl Store {
    /// The failures among the items that match the filter, with this result code if there is one.
    pub(crate) async fn failures(
        &self,
        filter: Filter,
        of: FailuresOf,
        code: Option<String>,
    ) -> Result<Failures, StoreError> {
        self.read(move |connection| {
            let of_code = match code {
                Some(code) => filter.clone().of_code(&code),
                None => filter.clone(),
            };
            let mut failures = read(connection, &of_code, of)?;
            if of != FailuresOf::Exceptions {
                add_totals(connection, filter, of, &mut failures.groups)?;
            }
            Ok(failures)
        })
        .await
    }

    /// The keys of the failures among the items that match the filter.
    pub(crate) async fn failure_keys(&self, filter: Filter, of: FailuresOf) -> Result<HashSet<String>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = of.failed(filter).to_sql();
            let sql = format!("SELECT DISTINCT {} FROM items WHERE {condition}", of.key());
            connection.prepare_cached(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
        })
        .await
    }
}

/// What is collected of a group.
#[derive(Default)]
struct Collected {
    group: FailureGroup,
    users: HashSet<usize>,
    roles: BTreeSet<usize>,
}

fn read(connection: &Transaction<'_>, filter: &Filter, of: FailuresOf) -> rusqlite::Result<Failures> {
    let (condition, values) = of.failed(filter.clone()).to_sql();
    let sql = format!(
        "SELECT {}, code, role, user_id, weight, time, id FROM items WHERE {condition} ORDER BY id DESC",
        of.key()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut names, mut times) = (Names::default(), Vec::new());
    let (mut groups, mut codes) = (HashMap::<usize, Collected>::new(), HashMap::<usize, f64>::new());
    while let Some(row) = rows.next()? {
        let weight: f64 = row.get(4)?;
        let collected = groups.entry(names.number(text(row.get_ref(0)?))).or_default();
        collected.add(row, weight, &mut names)?;
        *codes.entry(names.number(text(row.get_ref(1)?))).or_default() += weight;
        times.push((row.get(5)?, weight));
    }
    let mut codes: Vec<_> = codes.into_iter().map(|(code, count)| (names.text(code).to_owned(), count)).collect();
    codes.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut groups: Vec<_> = groups.into_iter().map(|(key, group)| group.finish(key, &names)).collect();
    groups.sort_by(|a, b| b.count.total_cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    Ok(Failures { groups, times, codes })
}

impl Collected {
    /// Adds a failure. Failures come newest first.
    fn add(&mut self, row: &Row<'_>, weight: f64, names: &mut Names) -> rusqlite::Result<()> {
        let time: i64 = row.get(5)?;
        if self.group.samples.is_empty() {
            (self.group.first, self.group.last) = (time, time);
        }
        self.group.first = self.group.first.min(time);
        self.group.last = self.group.last.max(time);
        self.group.count += weight;
        if self.group.samples.len() < SAMPLES {
            self.group.samples.push(row.get(6)?);
        }
        let (role, user) = (text(row.get_ref(2)?), text(row.get_ref(3)?));
        if !role.is_empty() {
            self.roles.insert(names.number(role));
        }
        if !user.is_empty() {
            self.users.insert(names.number(user));
        }
        Ok(())
    }

    fn finish(self, key: usize, names: &Names) -> FailureGroup {
        let roles = self.roles.iter().map(|role| names.text(*role).to_owned()).collect();
        FailureGroup { key: names.text(key).to_owned(), users: self.users.len(), roles, ..self.group }
    }
}

/// Adds the number of all items with the names of the groups.
fn add_totals(
    connection: &Transaction<'_>,
    filter: Filter,
    of: FailuresOf,
    groups: &mut [FailureGroup],
) -> rusqlite::Result<()> {
    let (condition, values) = filter.of_kind(of.kind()).to_sql();
    let sql = format!("SELECT name, sum(weight) FROM items WHERE {condition} GROUP BY name");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let totals: HashMap<String, f64> = rows.collect::<rusqlite::Result<_>>()?;
    for group in groups {
        group.of = totals.get(&group.key).copied().unwrap_or(0.0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Limits, NewItem};

    fn request(name: &str, code: &str, user: &str, rate: f64) -> NewItem {
        NewItem {
            name: name.into(),
            code: Some(code.into()),
            success: Some(code < "400"),
            user_id: (!user.is_empty()).then(|| user.to_owned()),
            role: Some("shop".into()),
            sample_rate: rate,
            ..NewItem::default()
        }
    }

    #[tokio::test]
    async fn failures_are_grouped_and_weighted_and_have_the_newest_samples() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let mut items = vec![request("a", "500", "u1", 100.0); 4];
        items.extend([
            request("a", "200", "u9", 25.0),
            request("b", "404", "u1", 10.0),
            request("a", "503", "u2", 50.0),
        ]);
        for (at, item) in items.iter_mut().enumerate() {
            item.time = at as i64;
        }
        store.insert(items).await.unwrap();
        let failures = store.failures(Filter::default(), FailuresOf::Operations, None).await.unwrap();
        let [b, a] = &failures.groups[..] else { panic!("{failures:?}") };
        assert_eq!((b.key.as_str(), b.count, b.of, b.users), ("b", 10.0, 10.0, 1));
        assert_eq!((a.count, a.of, a.users, &a.samples[..]), (6.0, 10.0, 2, &[7, 4, 3][..]));
        assert_eq!((a.first, a.last, &a.roles[..]), (0, 6, &["shop".to_owned()][..]));
        let codes: Vec<_> = failures.codes.iter().map(|(code, count)| (code.as_str(), *count)).collect();
        assert_eq!(codes, [("404", 10.0), ("500", 4.0), ("503", 2.0)]);
        assert_eq!(failures.times.len(), 6);
    }

    #[tokio::test]
    async fn failures_of_one_code_are_a_share_of_all_items_with_the_name() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let without = NewItem { code: None, success: Some(false), ..request("b", "", "", 100.0) };
        let items = [("500", 100.0), ("503", 100.0), ("200", 50.0)].map(|(code, rate)| request("a", code, "", rate));
        store.insert(items.into_iter().chain([without]).collect()).await.unwrap();
        let groups = |code: &str| {
            let failures = store.failures(Filter::default(), FailuresOf::Operations, Some(code.to_owned()));
            async { failures.await.unwrap().groups.into_iter().map(|g| (g.key, g.count, g.of)).collect::<Vec<_>>() }
        };
        assert_eq!(groups("500").await, [("a".to_owned(), 1.0, 4.0)]);
        assert_eq!(groups("").await, [("b".to_owned(), 1.0, 1.0)]);
    }

    #[tokio::test]
    async fn exceptions_are_grouped_by_problem() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let exception = |problem: Option<&str>| NewItem {
            kind: ItemKind::Exception,
            name: "E".into(),
            problem_id: problem.map(str::to_owned),
            sample_rate: 100.0,
            ..NewItem::default()
        };
        store.insert(vec![exception(Some("E at a")), exception(Some("E at b")), exception(None)]).await.unwrap();
        let keys = store.failure_keys(Filter::default(), FailuresOf::Exceptions).await.unwrap();
        assert_eq!(keys, ["E at a", "E at b", "E"].map(str::to_owned).into());
        let one = store.items(FailuresOf::Exceptions.of_group(Filter::default(), "E at b"), 9).await.unwrap();
        assert_eq!((one.len(), one[0].id), (1, 2));
    }
}
