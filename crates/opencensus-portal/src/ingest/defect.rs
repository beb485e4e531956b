//! Why the service refuses an item.

use std::fmt;

/// Why the service refuses an item. `Display` words it as the service does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Defect {
    /// The number of the rule in the service's message, such as `109`.
    pub(crate) rule: &'static str,
    /// The field, with the type that has it, as in `RequestData.name`.
    pub(crate) field: Option<String>,
    reason: String,
}

impl Defect {
    /// A defect of the whole item.
    pub(super) fn new(rule: &'static str, reason: impl Into<String>) -> Self {
        Self { rule, field: None, reason: reason.into() }
    }

    /// A defect of one field of a type. `reason` continues "Field 'name' on type 'RequestData' is".
    pub(super) fn of_field(rule: &'static str, on: &str, field: &str, reason: &str) -> Self {
        let reason = format!("Field '{field}' on type '{on}' is {reason}");
        Self { rule, field: Some(format!("{on}.{field}")), reason }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.reason)
    }
}
