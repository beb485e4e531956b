//! The tables of the database, and the changes from earlier versions of the schema.

use rusqlite::{Connection, TransactionBehavior, params};

use crate::store::error::StoreError;

/// The version of the schema, in `PRAGMA user_version`.
const VERSION: i64 = 2;

/// The rows of `items` are short, so that statistics read few pages. The long texts are in `envelopes`.
const TABLES: &str = "
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started INTEGER NOT NULL,
    name TEXT
);
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    kind TEXT NOT NULL,
    time INTEGER NOT NULL,
    received INTEGER NOT NULL,
    name TEXT NOT NULL,
    item_id TEXT,
    operation_id TEXT,
    operation_name TEXT,
    parent_id TEXT,
    role TEXT,
    role_instance TEXT,
    duration INTEGER,
    success INTEGER,
    code TEXT,
    sample_rate REAL NOT NULL,
    weight REAL NOT NULL,
    url TEXT,
    target TEXT,
    type TEXT,
    severity INTEGER,
    problem_id TEXT,
    user_id TEXT,
    location TEXT,
    sdk TEXT,
    cuts INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE TABLE envelopes (
    id INTEGER PRIMARY KEY,
    raw TEXT NOT NULL
);
CREATE TABLE refusals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    received INTEGER NOT NULL,
    item INTEGER,
    client TEXT,
    role TEXT,
    kind TEXT,
    rule TEXT NOT NULL,
    field TEXT,
    reason TEXT NOT NULL,
    raw TEXT NOT NULL
);
";

/// Kinds for lists of one kind, newest first; operations for transactions; runs for the number of items and the roles of
/// each run, which every page shows. The other columns of the last one make it cover the counts by kind of the search, which
/// read 9 MB of 200,000 items instead of 34. An item costs 5.1 µs to insert without indexes; the first two add 1.6 µs,
/// the last adds 2.3 µs (1.1 µs with its first two columns alone).
const INDEXES: &str = "
CREATE INDEX IF NOT EXISTS items_by_kind ON items (kind, id);
CREATE INDEX IF NOT EXISTS items_by_operation ON items (operation_id);
CREATE INDEX IF NOT EXISTS items_by_run ON items (run, role, kind, success, weight);
";

/// From version 1, which kept the envelope in `items`: the new columns are read from it.
const FROM_1: &str = "
INSERT INTO runs (started) SELECT min(received) FROM items_1 HAVING count(*) > 0;
INSERT INTO items SELECT id, 1, kind, time, received, name, item_id, operation_id, operation_name, parent_id, role,
    role_instance, duration, success, code, sample_rate, min(100 / sample_rate, 1e6), url,
    raw ->> '$.data.baseData.target', raw ->> '$.data.baseData.type', NULL, raw ->> '$.data.baseData.problemId',
    raw ->> '$.tags.\"ai.user.id\"', raw ->> '$.data.baseData.runLocation', raw ->> '$.tags.\"ai.internal.sdkVersion\"',
    0, octet_length(raw) + 512
    FROM items_1;
INSERT INTO envelopes SELECT id, raw FROM items_1;
DROP TABLE items_1;
";

/// Creates the tables of a new database, or changes those of an earlier version.
///
/// # Errors
///
/// A later version of the portal created the schema, or SQLite failed.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    // Portals that start at once with the same file change it one after the other.
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::database)?;
    match version(&transaction).map_err(StoreError::database)? {
        VERSION => transaction.execute_batch(INDEXES).map_err(StoreError::database)?,
        from @ (0 | 1) => change(&transaction, from).map_err(StoreError::database)?,
        newer => return Err(StoreError::Newer(newer)),
    }
    transaction.commit().map_err(StoreError::database)
}

/// Begins a run, and returns its id.
pub(super) fn begin_run(connection: &Connection, started: i64, name: Option<&str>) -> rusqlite::Result<i64> {
    connection.execute("INSERT INTO runs (started, name) VALUES (?, ?)", params![started, name])?;
    Ok(connection.last_insert_rowid())
}

fn change(transaction: &Connection, from: i64) -> rusqlite::Result<()> {
    if from == 1 {
        let names = "DROP INDEX items_by_kind; DROP INDEX items_by_operation; ALTER TABLE items RENAME TO items_1;";
        transaction.execute_batch(names)?;
    }
    transaction.execute_batch(TABLES)?;
    if from == 1 {
        transaction.execute_batch(FROM_1)?;
    }
    transaction.execute_batch(INDEXES)?;
    transaction.pragma_update(None, "user_version", VERSION)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables as version 1 created them.
    const VERSION_1: &str = "
        CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, time INTEGER NOT NULL,
            received INTEGER NOT NULL, name TEXT NOT NULL, item_id TEXT, operation_id TEXT, operation_name TEXT,
            parent_id TEXT, role TEXT, role_instance TEXT, duration INTEGER, success INTEGER, code TEXT,
            sample_rate REAL NOT NULL, url TEXT, raw TEXT NOT NULL);
        CREATE INDEX items_by_kind ON items (kind, id);
        CREATE INDEX items_by_operation ON items (operation_id);
        PRAGMA user_version = 1;";

    #[test]
    fn database_of_version_1_keeps_its_items() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(VERSION_1).unwrap();
        let raw = r#"{"tags":{"ai.user.id":"u"},"data":{"baseData":{"target":"db"}}}"#;
        let insert = "INSERT INTO items (id, kind, time, received, name, sample_rate, raw)
            VALUES (7, 'dependency', 1, 2, 'SELECT', 25, ?)";
        connection.execute(insert, [raw]).unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        let sql = "SELECT run, weight, target, user_id, started FROM items JOIN runs ON runs.id = run
            JOIN envelopes ON envelopes.id = items.id WHERE items.id = 7 AND raw = ?";
        let row = connection
            .query_row(sql, [raw], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
        assert_eq!(row, Ok((1, 4.0, "db".to_owned(), "u".to_owned(), 2)));
    }

    #[test]
    fn later_version_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection), Err(StoreError::Newer(99))));
    }
}
