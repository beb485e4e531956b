//! Limits the items that are kept. The oldest are deleted first.

use rusqlite::{Connection, Transaction};

use crate::store::new_item::ROW_BYTES;

/// The most items that are kept.
const MAX_ITEMS: i64 = 200_000;
/// The most bytes of items that are kept.
const MAX_BYTES: i64 = 256 * 1024 * 1024;
/// The items whose sizes one query reads, oldest first.
const CHUNK: usize = 256;

/// The limits, and the bytes of the items that are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Retention {
    max_items: i64,
    max_bytes: i64,
    bytes: i64,
}

impl Retention {
    /// Adds up the items of a database.
    pub(super) fn new(connection: &Connection) -> rusqlite::Result<Self> {
        let sql = format!("SELECT coalesce(sum({}), 0) FROM items", size());
        let bytes = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(Self { max_items: MAX_ITEMS, max_bytes: MAX_BYTES, bytes })
    }

    /// Deletes the items that exceed the limits after `added` bytes were inserted, and returns the new state.
    pub(super) fn after(mut self, transaction: &Transaction<'_>, newest: i64, added: i64) -> rusqlite::Result<Self> {
        self.bytes += added;
        loop {
            let (last, bytes) = self.excess(transaction, newest)?;
            let Some(last) = last else { return Ok(self) };
            transaction.prepare_cached("DELETE FROM items WHERE id <= ?")?.execute([last])?;
            self.bytes -= bytes;
        }
    }

    /// The newest of the oldest items that have to go, within a chunk, and the bytes up to it.
    fn excess(&self, transaction: &Transaction<'_>, newest: i64) -> rusqlite::Result<(Option<i64>, i64)> {
        let sql = format!("SELECT id, {} FROM items ORDER BY id LIMIT {CHUNK}", size());
        let mut statement = transaction.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let (mut last, mut bytes) = (None, 0);
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if self.bytes - bytes <= self.max_bytes && id > newest - self.max_items {
                break;
            }
            last = Some(id);
            bytes += row.get::<_, i64>(1)?;
        }
        Ok((last, bytes))
    }
}

/// The SQL expression for the bytes of a row, as [`NewItem::bytes`](crate::store::NewItem) counts them.
fn size() -> String {
    format!("octet_length(raw) + octet_length(name) + coalesce(octet_length(url), 0) + {ROW_BYTES}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewItem;
    use crate::store::schema;

    fn items(number: usize) -> Vec<NewItem> {
        let item = NewItem { name: "é".into(), raw: "x".repeat(486), url: None, ..NewItem::default() };
        vec![item; number]
    }

    /// Inserts items, and returns the ids that are kept.
    fn insert(connection: &mut Connection, retention: &mut Retention, items: &[NewItem]) -> Vec<i64> {
        let transaction = connection.transaction().unwrap();
        for item in items {
            item.insert(&mut transaction.prepare_cached(schema::INSERT).unwrap()).unwrap();
        }
        let (newest, added) = (transaction.last_insert_rowid(), items.iter().map(NewItem::bytes).sum());
        *retention = retention.after(&transaction, newest, added).unwrap();
        transaction.commit().unwrap();
        let mut statement = connection.prepare("SELECT id FROM items ORDER BY id").unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.map(Result::unwrap).collect()
    }

    #[test]
    fn oldest_items_are_deleted_beyond_either_limit() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection).unwrap();
        let mut retention = Retention { max_items: 3, ..Retention::new(&connection).unwrap() };
        assert_eq!(insert(&mut connection, &mut retention, &items(5)), [3, 4, 5]);
        assert_eq!(retention.bytes, 3000);
        assert_eq!(Retention::new(&connection).unwrap().bytes, 3000);
        retention = Retention { max_items: 1000, max_bytes: 4999, ..retention };
        assert_eq!(insert(&mut connection, &mut retention, &items(2)), [4, 5, 6, 7]);
        assert_eq!(insert(&mut connection, &mut retention, &items(CHUNK * 2)).len(), 4);
        assert_eq!(retention.bytes, 4000);
    }
}
