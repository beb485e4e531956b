//! An item that is not stored yet.

use rusqlite::{Statement, params};

use crate::store::kind::{ItemKind, KindColumn};

/// The bytes of a row besides its long texts, about.
pub(super) const ROW_BYTES: i64 = 512;

/// An item without an id, which the store assigns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewItem {
    pub(crate) kind: ItemKind,
    pub(crate) time: i64,
    pub(crate) received: i64,
    pub(crate) name: String,
    pub(crate) item_id: Option<String>,
    pub(crate) operation_id: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) parent_id: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) role_instance: Option<String>,
    pub(crate) duration: Option<i64>,
    pub(crate) success: Option<bool>,
    pub(crate) code: Option<String>,
    pub(crate) sample_rate: f64,
    pub(crate) url: Option<String>,
    pub(crate) raw: String,
}

impl NewItem {
    /// The bytes of the row, about.
    pub(super) fn bytes(&self) -> i64 {
        (self.raw.len() + self.name.len() + self.url.as_ref().map_or(0, String::len)) as i64 + ROW_BYTES
    }

    pub(super) fn insert(&self, statement: &mut Statement<'_>) -> rusqlite::Result<usize> {
        statement.execute(params![
            KindColumn(self.kind),
            self.time,
            self.received,
            self.name,
            self.item_id,
            self.operation_id,
            self.operation_name,
            self.parent_id,
            self.role,
            self.role_instance,
            self.duration,
            self.success,
            self.code,
            self.sample_rate,
            self.url,
            self.raw,
        ])
    }
}
