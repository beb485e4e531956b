//! Filters of items.

use rusqlite::types::Value;

use crate::store::kind::ItemKind;

/// Conditions that all must hold for an item. The default filter matches every item.
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
    /// Matches incoming requests.
    #[must_use]
    pub fn requests() -> Self {
        Self::default().of_kind(ItemKind::Request)
    }

    /// Matches items of this kind.
    #[must_use]
    pub fn of_kind(self, kind: ItemKind) -> Self {
        self.and("kind = ?", Value::Text(kind.as_str().to_owned()))
    }

    /// Matches items with exactly this name: for a log record its message, for an exception its type, for a metric its
    /// name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        self.and("name = ?", Value::Text(name.into()))
    }

    /// Matches items with exactly this response code or result code.
    #[must_use]
    pub fn with_code(self, code: impl ToString) -> Self {
        self.and("code = ?", Value::Text(code.to_string()))
    }

    /// Matches items with this trace id.
    #[must_use]
    pub fn of_operation(self, operation_id: impl Into<String>) -> Self {
        self.and("operation_id = ?", Value::Text(operation_id.into()))
    }

    /// Matches items whose envelope contains this text. The case of ASCII letters is ignored, and an empty
    /// text matches every item.
    #[must_use]
    pub fn with_text(self, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        self.and("instr(lower(raw), ?) > 0", Value::Text(text.to_ascii_lowercase()))
    }

    /// Matches items that arrived after the one with this id.
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

    /// The SQL condition with placeholders, and their values. No user input becomes part of the SQL.
    pub(super) fn to_sql(&self) -> (String, Vec<Value>) {
        let conditions: Vec<_> = self.conditions.iter().map(|(condition, _)| *condition).collect();
        let sql = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
        (sql, self.conditions.iter().map(|(_, value)| value.clone()).collect())
    }
}
