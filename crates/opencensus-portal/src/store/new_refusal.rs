//! A refusal before it is stored.

use rusqlite::{Transaction, params};

/// The most refusals that are kept; the oldest are deleted first.
pub(super) const MAX_REFUSALS: i64 = 2000;
/// The most bytes of a refused item that are kept.
pub(super) const MAX_RAW: usize = 16 * 1024;

const INSERT: &str = "
INSERT INTO refusals (run, received, item, client, role, kind, rule, field, reason, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
";
/// A refused item, or a text of an accepted item that was cut, before it is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewRefusal {
    pub(crate) received: i64,
    /// The name of the client: the SDK's version, or else its `User-Agent`.
    pub(crate) client: Option<String>,
    pub(crate) role: Option<String>,
    /// The kind of telemetry, if it could be read.
    pub(crate) kind: Option<String>,
    /// The number of the rule, as in the message of the service, or `cut`.
    pub(crate) rule: String,
    /// The field, with the type that has it, as in `RequestData.name`.
    pub(crate) field: Option<String>,
    pub(crate) reason: String,
    /// The item as received.
    pub(crate) raw: String,
}

impl NewRefusal {
    /// Inserts the refusal into a run. `item`: the accepted item whose text was cut.
    pub(super) fn insert(&self, transaction: &Transaction<'_>, run: i64, item: Option<i64>) -> rusqlite::Result<()> {
        let end = (0..=self.raw.len().min(MAX_RAW)).rev().find(|at| self.raw.is_char_boundary(*at)).unwrap_or(0);
        let raw = &self.raw[..end];
        transaction.prepare_cached(INSERT)?.execute(params![
            run,
            self.received,
            item,
            self.client,
            self.role,
            self.kind,
            self.rule,
            self.field,
            self.reason,
            raw,
        ])?;
        let oldest = transaction.last_insert_rowid() - MAX_REFUSALS;
        transaction.prepare_cached("DELETE FROM refusals WHERE id <= ?")?.execute([oldest])?;
        Ok(())
    }
}
