//! Items that the service would refuse or cut, with the reason.

use rusqlite::{Row, params_from_iter};
use serde::Serialize;

use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::filter::Filter;

/// The columns that filters of items compare exist here, too.
const TABLE: &str = "(SELECT *, received AS time FROM refusals)";

/// A refused item, or a text of an accepted item that was cut.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Refusal {
    pub(crate) id: i64,
    pub(crate) received: i64,
    /// The accepted item whose text was cut.
    pub(crate) item: Option<i64>,
    pub(crate) client: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) rule: String,
    pub(crate) field: Option<String>,
    pub(crate) reason: String,
    pub(crate) raw: String,
}

/// Refusals of one reason.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RefusalGroup {
    pub(crate) client: Option<String>,
    pub(crate) rule: String,
    pub(crate) field: Option<String>,
    pub(crate) count: i64,
    pub(crate) last: i64,
}

impl Refusal {
    const COLUMNS: &str = "id, received, item, client, role, kind, rule, field, reason, raw";

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            received: row.get(1)?,
            item: row.get(2)?,
            client: row.get(3)?,
            role: row.get(4)?,
            kind: row.get(5)?,
            rule: row.get(6)?,
            field: row.get(7)?,
            reason: row.get(8)?,
            raw: row.get(9)?,
        })
    }
}

impl Store {
    /// The newest refusals that match the filter, newest first. The filter may compare runs, times, roles and kinds.
    pub(crate) async fn refusals(
        &self,
        filter: Filter,
        rule: String,
        limit: usize,
    ) -> Result<Vec<Refusal>, StoreError> {
        let filter = if rule.is_empty() { filter } else { filter.and("rule = ?", rule) };
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql =
                format!("SELECT {} FROM {TABLE} WHERE {condition} ORDER BY id DESC LIMIT {limit}", Refusal::COLUMNS);
            connection.prepare_cached(&sql)?.query_map(params_from_iter(values), Refusal::from_row)?.collect()
        })
        .await
    }

    /// The refusals that match the filter by client, rule and field, the most frequent first.
    pub(crate) async fn refusal_groups(&self, filter: Filter) -> Result<Vec<RefusalGroup>, StoreError> {
        self.read(move |connection| {
            let (condition, values) = filter.to_sql();
            let sql = format!(
                "SELECT client, rule, field, count(*), max(received) FROM {TABLE} WHERE {condition}
                GROUP BY 1, 2, 3 ORDER BY 4 DESC, 5 DESC LIMIT 100"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let groups = statement.query_map(params_from_iter(values), |row| {
                Ok(RefusalGroup {
                    client: row.get(0)?,
                    rule: row.get(1)?,
                    field: row.get(2)?,
                    count: row.get(3)?,
                    last: row.get(4)?,
                })
            })?;
            groups.collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::new_refusal::{MAX_RAW, MAX_REFUSALS};
    use crate::store::{Limits, NewItem, NewRefusal};

    fn refusal(rule: &str, raw: &str) -> NewRefusal {
        NewRefusal { rule: rule.into(), raw: raw.into(), received: 5, ..NewRefusal::default() }
    }

    #[tokio::test]
    async fn refusals_are_bounded_and_filtered() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let many = vec![refusal("109", &"é".repeat(MAX_RAW)); MAX_REFUSALS as usize];
        store.insert_with_refusals(Vec::new(), many).await.unwrap();
        store.insert_with_refusals(Vec::new(), vec![refusal("102", "{")]).await.unwrap();
        let all = store.refusals(Filter::default().in_run(1).since(5), String::new(), 5000).await.unwrap();
        assert_eq!((all.len(), all[0].raw.as_str(), all[1].raw.len()), (2000, "{", MAX_RAW));
        assert_eq!(store.refusals(Filter::default(), "102".into(), 9).await.unwrap().len(), 1);
        assert_eq!(store.refusals(Filter::default().since(6), String::new(), 9).await.unwrap(), []);
        assert_eq!(store.refusal_groups(Filter::default()).await.unwrap()[0].count, 1999);
    }

    #[tokio::test]
    async fn cut_texts_belong_to_their_item() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let item = NewItem { cuts: vec![refusal("cut", "x")], sample_rate: 100.0, ..NewItem::default() };
        store.insert(vec![NewItem::default(), item]).await.unwrap();
        let cut = store.refusals(Filter::default(), String::new(), 9).await.unwrap();
        assert_eq!((cut.len(), cut[0].item), (1, Some(2)));
    }
}
