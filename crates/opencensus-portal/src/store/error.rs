//! Errors of the store.

use std::fmt;

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite reported an error.
    #[error("the portal's database failed: {0}")]
    Database(#[source] DatabaseError),
    /// SQLite reported an error for a commit, which items of several posts share.
    #[error("the portal's database failed: {0}")]
    Write(String),
    /// A later version of the portal wrote the file, with this version of the schema.
    #[error("a later version of the portal wrote the database (schema version {0}): use that version, or another file")]
    Newer(i64),
    /// The portal is being stopped.
    #[error("the portal is being stopped")]
    Stopped,
}

/// An error of SQLite.
pub struct DatabaseError(rusqlite::Error);

impl StoreError {
    pub(super) fn database(error: rusqlite::Error) -> Self {
        Self::Database(DatabaseError(error))
    }
}

impl fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for DatabaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
