//! Filters of items.

use std::borrow::Cow;
use std::fmt;

use rusqlite::types::Value;

use crate::store::kind::ItemKind;

const KIND: &str = "kind = ?";
const KINDS: &str = "kind IN (SELECT value FROM json_each(?))";
const FAILURES: &str = "(success = ? OR kind = 'exception')";
const NAME: &str = "name = ?";
/// The text of the envelope, in a condition.
pub(super) const RAW: &str = "(SELECT raw FROM envelopes WHERE envelopes.id = items.id)";
const PROPERTY: &str = "property((SELECT raw FROM envelopes WHERE envelopes.id = items.id), ?) = ?";

/// Conditions that all must hold for an item. The default filter matches every item.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{Filter, requests};
///
/// let failed = requests().named("GET /boom").status(500).property("tenant", "acme");
/// assert_eq!(failed, Filter::requests().named("GET /boom").status("500").property("tenant", "acme"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<Condition>,
}

/// A condition in SQL with a placeholder for each of its values.
#[derive(Clone, Debug, PartialEq)]
struct Condition {
    sql: Cow<'static, str>,
    values: Vec<Value>,
    /// How messages show it. By default the SQL with the values.
    shown: Option<String>,
}

impl Filter {
    /// Matches incoming requests.
    #[must_use]
    pub fn requests() -> Self {
        Self::default().of_kind(ItemKind::Request)
    }

    /// Matches items of this kind.
    #[must_use]
    pub fn of_kind(self, kind: ItemKind) -> Self {
        self.and(KIND, kind.as_str().to_owned())
    }

    /// Matches items with exactly this name: for a log record its message, for an exception its type, for a metric its
    /// name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        self.and(NAME, name.into())
    }

    /// Matches items with exactly this response code or result code.
    #[must_use]
    pub fn status(self, status: impl ToString) -> Self {
        self.and("code = ?", status.to_string())
    }

    /// Matches requests, calls and availability tests that failed.
    #[must_use]
    pub fn failed(self) -> Self {
        self.and("success = ?", 0)
    }

    /// Matches items of this cloud role, the name of a service.
    #[must_use]
    pub fn role(self, role: impl Into<String>) -> Self {
        self.and("role = ?", role.into())
    }

    /// Matches items that have a custom property with this key and exactly this value.
    #[must_use]
    pub fn property(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let values = vec![Value::Text(key.into()), Value::Text(value.into())];
        self.and_sql(PROPERTY, values)
    }

    /// Matches items with this trace id.
    #[must_use]
    pub fn of_operation(self, operation_id: impl Into<String>) -> Self {
        self.and("operation_id = ?", operation_id.into())
    }

    /// Matches items that arrived after the one with this id.
    #[must_use]
    pub fn after(self, id: i64) -> Self {
        self.and("items.id > ?", id)
    }

    /// Matches items that arrived before the one with this id.
    pub(crate) fn before(self, id: i64) -> Self {
        self.and("items.id < ?", id)
    }

    /// Matches items of this run. The sign keeps SQLite from using the index of runs: most items are of one run, and a
    /// list that is ordered by id would have to be sorted.
    pub(crate) fn in_run(self, run: i64) -> Self {
        self.and_shown("+run = ?".to_owned(), vec![run.into()], &format!("run = {run}"))
    }

    /// Matches items whose time is not before `time`, in microseconds since 1970.
    pub(crate) fn since(self, time: i64) -> Self {
        self.and("time >= ?", time)
    }

    /// Matches items whose time is before `time`, in microseconds since 1970.
    pub(crate) fn until(self, time: i64) -> Self {
        self.and("time < ?", time)
    }

    /// Matches items that arrived up to the one with this id.
    pub(crate) fn up_to(self, id: i64) -> Self {
        self.and("items.id <= ?", id)
    }

    /// Matches items of one of these kinds.
    pub(crate) fn of_kinds(self, kinds: &[ItemKind]) -> Self {
        let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
        self.and(KINDS, Value::Text(serde_json::json!(names).to_string()))
    }

    /// Matches requests, calls and availability tests that failed, and exceptions.
    pub(crate) fn failures(self) -> Self {
        self.and(FAILURES, Value::Integer(0))
    }

    /// Matches items that took at least this number of microseconds.
    pub(crate) fn of_at_least(self, duration: i64) -> Self {
        self.and("duration >= ?", duration)
    }

    /// Matches items that took less than this number of microseconds.
    pub(crate) fn of_less_than(self, duration: i64) -> Self {
        self.and("duration < ?", duration)
    }

    pub(crate) fn with_id(self, id: i64) -> Self {
        self.and("items.id = ?", id)
    }

    /// Adds a condition with one placeholder.
    pub(super) fn and(self, condition: &'static str, value: impl Into<Value>) -> Self {
        self.and_sql(condition, vec![value.into()])
    }

    /// Adds an SQL condition over the columns of `items` with as many placeholders as values. No user input may become
    /// part of it.
    pub(super) fn and_sql(mut self, condition: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        self.conditions.push(Condition { sql: condition.into(), values, shown: None });
        self
    }

    /// Adds a condition as [`and_sql`](Self::and_sql), which messages show as this text.
    pub(super) fn and_shown(mut self, condition: String, values: Vec<Value>, shown: &str) -> Self {
        self.conditions.push(Condition { sql: condition.into(), values, shown: Some(shown.to_owned()) });
        self
    }

    /// The SQL condition with placeholders, and their values.
    pub(super) fn to_sql(&self) -> (String, Vec<Value>) {
        let conditions: Vec<_> = self.conditions.iter().map(|condition| condition.sql.as_ref()).collect();
        let sql = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
        (sql, self.conditions.iter().flat_map(|condition| condition.values.clone()).collect())
    }

    /// The tables to read, the condition and its values. Where no index selects the items, texts are searched in the
    /// order of the envelopes, and only the items of those that match are read.
    pub(super) fn to_select(&self) -> (&'static str, String, Vec<Value>) {
        let (condition, values) = self.to_sql();
        let is_indexed = |condition: &Condition| {
            let sql = condition.sql.trim_start_matches('(');
            sql.starts_with("kind = ?") || sql.starts_with("operation_id = ?") || sql.starts_with("items.id = ?")
        };
        if !condition.contains(RAW) || self.conditions.iter().any(is_indexed) {
            return ("items", condition, values);
        }
        let condition = condition.replace(RAW, "raw").replace("items.id", "envelopes.id");
        ("envelopes CROSS JOIN items USING (id)", condition, values)
    }

    /// For each condition that compares a column with a value: the column, and the filter without the condition.
    pub(super) fn relaxed(&self) -> Vec<(String, Self)> {
        let column = |condition: &Condition| {
            let column = condition.sql.strip_suffix(" = ?").map(|column| column.trim_start_matches('+').to_owned());
            column.filter(|column| !column.contains('('))
        };
        let columns = self.conditions.iter().enumerate().filter_map(|(at, condition)| Some((at, column(condition)?)));
        let without = |at: usize| {
            let mut filter = self.clone();
            filter.conditions.remove(at);
            filter
        };
        columns.map(|(at, column)| (column, without(at))).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }
}

/// As in "request items named `GET /x` with code = 500".
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |sql: &str| self.conditions.iter().find(|condition| condition.sql == sql);
        if let Some(kind) = value(KIND) {
            write!(f, "{} ", Shown(&kind.values[0]))?;
        }
        f.write_str("items")?;
        if let Some(name) = value(NAME) {
            write!(f, " named `{}`", Shown(&name.values[0]))?;
        }
        let others = self.conditions.iter().filter(|condition| condition.sql != KIND && condition.sql != NAME);
        for (at, condition) in others.enumerate() {
            f.write_str(if at == 0 { " with " } else { " and " })?;
            condition.fmt(f)?;
        }
        Ok(())
    }
}

/// As in "code = 500" or "property tenant = acme".
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(shown) = &self.shown {
            return f.write_str(shown);
        }
        match (self.sql.as_ref(), &self.values[..]) {
            (PROPERTY, [key, value]) => write!(f, "property {} = {}", Shown(key), Shown(value)),
            (sql, [value]) => f.write_str(&sql.trim_start_matches('+').replace('?', &Shown(value).to_string())),
            (sql, _) => f.write_str(sql),
        }
    }
}

/// A value without quotation marks.
pub(super) struct Shown<'a>(pub(super) &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("nothing"),
            Value::Integer(number) => number.fmt(f),
            Value::Real(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
            Value::Blob(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_describes_itself_and_its_values_never_become_sql() {
        let filter = Filter::requests().named("a' OR 1=1").status(500).role("shop").property("tenant", "acme");
        assert_eq!(
            filter.to_string(),
            "request items named `a' OR 1=1` with code = 500 and role = shop and property tenant = acme"
        );
        let (sql, values) = Filter::default().named("a' OR 1=1").property("k?", "v").to_sql();
        assert!(!sql.contains("1=1") && sql.matches('?').count() == values.len(), "{sql}");
        assert_eq!(Filter::default().to_string(), "items");
    }
}
