//! An item before it is stored.

use rusqlite::{Transaction, params};

use crate::store::kind::{ItemKind, KindColumn};
use crate::store::new_refusal::NewRefusal;

/// The bytes of a row besides its long texts, about.
const ROW_BYTES: i64 = 512;

const INSERT: &str = "
INSERT INTO items (run, kind, time, received, name, item_id, operation_id, operation_name, parent_id, role,
    role_instance, duration, success, code, sample_rate, weight, url, target, type, severity, problem_id, user_id,
    location, sdk, cuts, bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
";
const INSERT_ENVELOPE: &str = "INSERT INTO envelopes (id, raw) VALUES (?, ?)";

/// An item without an id, which the store assigns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewItem {
    /// The run that the item belongs to. `None`: the current run.
    pub(crate) run: Option<i64>,
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
    /// What a dependency calls.
    pub(crate) target: Option<String>,
    /// The type of a dependency, such as `HTTP`.
    pub(crate) dependency_type: Option<String>,
    /// 0 (verbose) to 4 (critical).
    pub(crate) severity: Option<i64>,
    pub(crate) problem_id: Option<String>,
    pub(crate) user_id: Option<String>,
    /// The location of an availability test.
    pub(crate) location: Option<String>,
    /// The name and version of the SDK.
    pub(crate) sdk: Option<String>,
    /// Its texts that were cut.
    pub(crate) cuts: Vec<NewRefusal>,
    pub(crate) raw: String,
}

impl NewItem {
    /// The bytes that the item occupies, about.
    pub(super) fn bytes(&self) -> i64 {
        (self.raw.len() + self.name.len() + self.url.as_ref().map_or(0, String::len)) as i64 + ROW_BYTES
    }

    /// The number of items that the item represents, which is bounded so that totals are finite.
    fn weight(&self) -> f64 {
        (100.0 / self.sample_rate).min(1e6)
    }

    /// Inserts the item into its own run or else `run`. Returns its id.
    pub(super) fn insert(&self, transaction: &Transaction<'_>, run: i64) -> rusqlite::Result<i64> {
        let run = self.run.unwrap_or(run);
        transaction.prepare_cached(INSERT)?.execute(params![
            run,
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
            self.weight(),
            self.url,
            self.target,
            self.dependency_type,
            self.severity,
            self.problem_id,
            self.user_id,
            self.location,
            self.sdk,
            self.cuts.len() as i64,
            self.bytes(),
        ])?;
        let id = transaction.last_insert_rowid();
        transaction.prepare_cached(INSERT_ENVELOPE)?.execute(params![id, self.raw])?;
        self.cuts.iter().try_for_each(|cut| cut.insert(transaction, run, Some(id)))?;
        Ok(id)
    }
}
