//! Reads levels and names from values of a configuration.

use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::dialect::Dialect;
use crate::level::Level;
use crate::shared::Shared;

/// A value as a fault shows it, without secrets.
pub(crate) fn redact_value(value: &Value) -> String {
    opencensus_settings::Value::from(value).redacted()
}

/// A level, by name or number.
pub(crate) fn level(value: &Value, shared: &Shared) -> Checked<Level> {
    let (is_python, names) = (shared.dialect == Dialect::Python, &shared.level_names);
    let level = match value {
        Value::String(name) if is_python => names.level(name),
        Value::String(name) => names.level(name).or_else(|| names.level(&name.trim().to_ascii_uppercase())),
        Value::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()).map(Level::from_number),
        Value::Bool(flag) if is_python => Some(Level::from_number((*flag).into())),
        _ => None,
    };
    let remedy = "write `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`, or a whole number";
    level.ok_or_else(|| vec![Fault::new(redact_value(value), remedy)])
}

/// A list of names. In Python's dialect a string is a list of its letters.
pub(crate) fn names(value: &Value, dialect: Dialect) -> Checked<Vec<String>> {
    match value {
        Value::Array(values) => {
            let name = |(at, value): (usize, &Value)| match value {
                Value::String(name) => Ok(name.clone()),
                other => inside(&format!("[{at}]"), fault(redact_value(other), "write a name")),
            };
            collect(values.iter().enumerate().map(name))
        }
        Value::String(letters) if dialect == Dialect::Python => Ok(letters.chars().map(String::from).collect()),
        other => fault(redact_value(other), "write a list of names, such as `[\"console\"]`"),
    }
}
