//! Tables and their version.

use rusqlite::Connection;

use crate::store::StoreError;

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

/// Creates what is missing; refuses what a later portal wrote.
pub(super) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => Ok(connection.execute_batch(CREATE)?),
        VERSION => Ok(()),
        newer => Err(StoreError::Newer(newer)),
    }
}
