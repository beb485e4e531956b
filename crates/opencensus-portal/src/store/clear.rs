//! Deletes items before their time.

use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};
use tokio::sync::oneshot;

use crate::store::database::Store;
use crate::store::error::StoreError;

impl Store {
    /// Deletes the items and refusals that arrived before a time and belong to a run, or all. Returns the number of
    /// items.
    pub(crate) async fn clear(&self, before: Option<i64>, run: Option<i64>) -> Result<u64, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let delete = move |transaction: &Transaction<'_>| {
            let _ = sender.send(delete(transaction, before, run)?);
            Ok(())
        };
        self.change(delete).await?;
        receiver.await.map_err(|_| StoreError::Stopped)
    }
}

fn delete(transaction: &Transaction<'_>, before: Option<i64>, run: Option<i64>) -> rusqlite::Result<u64> {
    let conditions = [("received < ?", before), ("run = ?", run)];
    let given: Vec<_> = conditions.into_iter().filter_map(|(sql, value)| Some((sql, value?))).collect();
    let condition = given.iter().map(|(sql, _)| *sql).collect::<Vec<_>>().join(" AND ");
    let condition = if condition.is_empty() { "1" } else { &condition };
    let values = || params_from_iter(given.iter().map(|(_, value)| Value::Integer(*value)));
    let envelopes = format!("DELETE FROM envelopes WHERE id IN (SELECT id FROM items WHERE {condition})");
    transaction.execute(&envelopes, values())?;
    transaction.execute(&format!("DELETE FROM refusals WHERE {condition}"), values())?;
    Ok(transaction.execute(&format!("DELETE FROM items WHERE {condition}"), values())? as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Filter, Limits, NewItem};

    #[tokio::test]
    async fn items_before_a_time_of_a_run_or_all_are_deleted() {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let item = |received| NewItem { received, raw: "{}".into(), ..NewItem::default() };
        store.insert((1..=5).map(item).collect()).await.unwrap();
        assert_eq!(store.clear(Some(3), Some(2)).await.unwrap(), 0);
        assert_eq!(store.clear(Some(3), Some(1)).await.unwrap(), 2);
        assert_eq!(store.items(Filter::default(), 9).await.unwrap().len(), 3);
        assert_eq!(store.clear(None, None).await.unwrap(), 3);
        store.insert(vec![item(6)]).await.unwrap();
        assert_eq!(store.items(Filter::default(), 9).await.unwrap()[0].id, 6);
    }
}
