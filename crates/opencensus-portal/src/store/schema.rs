//! Creates the tables of the database, and checks the version of its schema.

use rusqlite::Connection;

use crate::store::error::StoreError;

const VERSION: i64 = 1;

const CREATE: &str = "
BEGIN;
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
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
    url TEXT,
    raw TEXT NOT NULL
);
CREATE INDEX items_by_kind ON items (kind, id);
CREATE INDEX items_by_operation ON items (operation_id);
PRAGMA user_version = 1;
COMMIT;
";

pub(super) const INSERT: &str = "
INSERT INTO items (kind, time, received, name, item_id, operation_id, operation_name, parent_id, role, role_instance,
    duration, success, code, sample_rate, url, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
";

/// Creates the tables of a new database.
///
/// # Errors
///
/// A later version of the portal created the schema, or SQLite failed.
pub(super) fn migrate(connection: &Connection) -> Result<(), StoreError> {
    match configure(connection).and_then(|()| version(connection)).map_err(StoreError::database)? {
        0 => connection.execute_batch(CREATE).map_err(StoreError::database),
        VERSION => Ok(()),
        newer => Err(StoreError::Newer(newer)),
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
