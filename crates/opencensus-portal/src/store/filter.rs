//! Which items one wants to see.

use rusqlite::types::Value;

use crate::store::Kind;

/// Which items one wants to see; the default wants all. Every condition must hold.
///
/// # Examples
///
/// ```
/// use opencensus_portal::Filter;
///
/// let failed = Filter::requests().named("GET /boom").with_code("500");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<(&'static str, Value)>,
}

impl Filter {
    /// Incoming requests.
    #[must_use]
    pub fn requests() -> Self {
        Self::default().of_kind(Kind::Request)
    }

    /// Items of this kind.
    #[must_use]
    pub fn of_kind(self, kind: Kind) -> Self {
        self.and("kind = ?", Value::Text(kind.as_str().to_owned()))
    }

    /// Items of exactly this name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        self.and("name = ?", Value::Text(name.into()))
    }

    /// Items with exactly this response or result code.
    #[must_use]
    pub fn with_code(self, code: impl ToString) -> Self {
        self.and("code = ?", Value::Text(code.to_string()))
    }

    /// Items of this trace.
    #[must_use]
    pub fn of_operation(self, operation_id: impl Into<String>) -> Self {
        self.and("operation_id = ?", Value::Text(operation_id.into()))
    }

    /// Items that hold this text anywhere, in any letter case (of ASCII letters).
    #[must_use]
    pub fn with_text(self, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        self.and("instr(lower(raw), ?) > 0", Value::Text(text.to_ascii_lowercase()))
    }

    /// Items that came after the one with this number.
    #[must_use]
    pub fn after(self, id: i64) -> Self {
        self.and("id > ?", Value::Integer(id))
    }

    pub(crate) fn with_id(self, id: i64) -> Self {
        self.and("id = ?", Value::Integer(id))
    }

    fn and(mut self, condition: &'static str, value: Value) -> Self {
        self.conditions.push((condition, value));
        self
    }

    /// A condition with placeholders, and their values: no text of a user is part of the SQL.
    pub(super) fn to_sql(&self) -> (String, Vec<Value>) {
        let conditions: Vec<_> = self.conditions.iter().map(|(condition, _)| *condition).collect();
        let sql = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
        (sql, self.conditions.iter().map(|(_, value)| value.clone()).collect())
    }
}
