//! Limits the items that are kept. The oldest are deleted first.

use std::time::Duration;

use rusqlite::{Connection, Transaction};

/// The items whose sizes one query reads, oldest first.
const CHUNK: usize = 256;

/// How many items are kept, and how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    pub(crate) max_items: u64,
    pub(crate) max_bytes: u64,
    pub(crate) max_age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_items: 200_000, max_bytes: 256 * 1024 * 1024, max_age: Duration::from_secs(30 * 24 * 60 * 60) }
    }
}

/// The limits, and the number and bytes of the items that are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Retention {
    limits: Limits,
    items: u64,
    bytes: i64,
}

impl Retention {
    /// Adds up the items of a database.
    pub(super) fn new(connection: &Connection, limits: Limits) -> rusqlite::Result<Self> {
        let sql = "SELECT count(*), coalesce(sum(bytes), 0) FROM items";
        connection
            .query_row(sql, [], |row| Ok(Self { limits, items: row.get::<_, i64>(0)? as u64, bytes: row.get(1)? }))
    }

    /// The state after a change of any items.
    pub(super) fn recount(self, connection: &Connection) -> rusqlite::Result<Self> {
        Self::new(connection, self.limits)
    }

    /// Deletes the items that exceed the limits at `now` after items were inserted, and returns the new state.
    pub(super) fn after(
        mut self,
        transaction: &Transaction<'_>,
        now: i64,
        added: (usize, i64),
    ) -> rusqlite::Result<Self> {
        self.items += added.0 as u64;
        self.bytes += added.1;
        loop {
            let Some((last, items, bytes)) = self.excess(transaction, now)? else { return Ok(self) };
            for table in ["items", "envelopes"] {
                transaction.prepare_cached(&format!("DELETE FROM {table} WHERE id <= ?"))?.execute([last])?;
            }
            // Another portal with the same file may have inserted items.
            self.items = self.items.saturating_sub(items);
            self.bytes -= bytes;
        }
    }

    /// The newest of the oldest items that have to go, within a chunk, and the number and bytes up to it.
    fn excess(&self, transaction: &Transaction<'_>, now: i64) -> rusqlite::Result<Option<(i64, u64, i64)>> {
        let sql = format!("SELECT id, received, bytes FROM items ORDER BY id LIMIT {CHUNK}");
        let mut statement = transaction.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let (mut last, mut items, mut bytes) = (0, 0, 0);
        while let Some(row) = rows.next()? {
            if !self.exceeds(items, bytes, now.saturating_sub(row.get(1)?)) {
                break;
            }
            last = row.get(0)?;
            items += 1;
            bytes += row.get::<_, i64>(2)?;
        }
        Ok((items > 0).then_some((last, items, bytes)))
    }

    /// Whether the next item, which is `age` microseconds old, has to go with these.
    fn exceeds(&self, items: u64, bytes: i64, age: i64) -> bool {
        self.items.saturating_sub(items) > self.limits.max_items
            || u64::try_from(self.bytes - bytes).unwrap_or(0) > self.limits.max_bytes
            || u64::try_from(age).unwrap_or(0) > u64::try_from(self.limits.max_age.as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewItem;
    use crate::store::schema;

    /// Inserts items of 1000 bytes that arrive at `now`, and returns the ids that are kept.
    fn insert(connection: &mut Connection, retention: &mut Retention, number: usize, now: i64) -> Vec<i64> {
        let item = NewItem { name: "é".into(), raw: "x".repeat(486), received: now, ..NewItem::default() };
        let transaction = connection.transaction().unwrap();
        for _ in 0..number {
            item.insert(&transaction, 1).unwrap();
        }
        *retention = retention.after(&transaction, now, (number, number as i64 * item.bytes())).unwrap();
        transaction.commit().unwrap();
        let mut statement = connection.prepare("SELECT id FROM items JOIN envelopes USING (id) ORDER BY id").unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.map(Result::unwrap).collect()
    }

    #[test]
    fn oldest_items_are_deleted_beyond_each_limit() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let limits = Limits { max_items: 3, max_age: Duration::from_micros(10), ..Limits::default() };
        let mut retention = Retention::new(&connection, limits).unwrap();
        assert_eq!(insert(&mut connection, &mut retention, 5, 0), [3, 4, 5]);
        assert_eq!((retention.items, retention.bytes), (3, 3000));
        assert_eq!(Retention::new(&connection, limits).unwrap(), retention);
        retention.limits = Limits { max_items: 1000, max_bytes: 4999, ..limits };
        assert_eq!(insert(&mut connection, &mut retention, 2, 10), [4, 5, 6, 7]);
        assert_eq!(insert(&mut connection, &mut retention, 1, 11), [6, 7, 8]);
        assert_eq!(insert(&mut connection, &mut retention, CHUNK * 2, 11).len(), 4);
        assert_eq!(Retention::new(&connection, retention.limits).unwrap(), retention);
    }

    #[test]
    fn old_items_that_another_portal_inserted_are_deleted_and_newer_ones_stay() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let limits = Limits { max_age: Duration::from_micros(10), ..Limits::default() };
        let mut retention = Retention::new(&connection, limits).unwrap();
        let mut other = retention;
        assert_eq!(insert(&mut connection, &mut other, 3, 0), [1, 2, 3]);
        assert_eq!(insert(&mut connection, &mut other, 5, 15), [4, 5, 6, 7, 8]);
        assert_eq!(insert(&mut connection, &mut retention, 1, 20), [4, 5, 6, 7, 8, 9]);
        assert_eq!(insert(&mut connection, &mut retention, 1, 26), [9, 10]);
    }
}
