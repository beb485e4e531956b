//! Reads levels and names from values of a configuration.

use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::parse;
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
    let numbered = |number: i64| i32::try_from(number).ok().map(Level::from_number);
    let level = match value {
        Value::String(name) if is_python => names.level(name),
        Value::String(name) => {
            let named = names.level(name).or_else(|| names.level(&name.trim().to_ascii_uppercase()));
            named.or_else(|| name.trim().parse().ok().and_then(numbered))
        }
        Value::Number(number) => number.as_i64().and_then(numbered),
        Value::Bool(flag) if is_python => Some(Level::from_number((*flag).into())),
        _ => None,
    };
    let remedy = "write `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`, or a whole number";
    level.ok_or_else(|| vec![Fault::new(redact_value(value), remedy)])
}

/// A switch: `true`, `false`, or 1, 0 or a text such as `no`, as variables have them. In Python's dialect any value.
pub(crate) fn flag(value: &Value, dialect: Dialect) -> Checked<bool> {
    if dialect == Dialect::Python {
        return Ok(is_true(value));
    }
    let flag = match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => {
            [0.0, 1.0].into_iter().position(|known| number.as_f64() == Some(known)).map(|at| at == 1)
        }
        // An empty variable.
        Value::String(text) if text.is_empty() => Some(false),
        Value::String(text) => parse::switch(text),
        _ => None,
    };
    flag.map_or_else(|| fault(redact_value(value), "write `true` or `false`"), Ok)
}

/// Whether Python takes the value for true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

/// A number, also as a text. In Python's dialect a text is none, and `true` and `false` are 1 and 0.
pub(crate) fn number(value: &Value, dialect: Dialect) -> Option<f64> {
    let is_python = dialect == Dialect::Python;
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) if is_python => Some(f64::from(u8::from(*flag))),
        Value::String(text) if !is_python => text.trim().replace('_', "").parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// A whole number from 0. In Python's dialect a negative number is 0, and a fraction counts as the next whole number:
/// its handlers compare with them.
pub(crate) fn whole_number(value: &Value, dialect: Dialect) -> Option<u64> {
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let number = number(value, dialect)?;
    let number = if dialect == Dialect::Python { number.max(0.0).ceil() } else { number };
    // Beyond this, numbers are not exact; nothing is configured with as many.
    (number.fract() == 0.0 && (0.0..=9e15).contains(&number)).then_some(number as u64)
}

/// Whether a value counts as absent where Python tests its truth: for handlers, filters and formatters.
pub(crate) fn is_absent(value: &Value, dialect: Dialect) -> bool {
    value.is_null() || (dialect == Dialect::Python && !is_true(value))
}

/// A list of names. In Python's dialect a string is a list of its letters, and a table one of its keys.
pub(crate) fn names(value: &Value, dialect: Dialect) -> Checked<Vec<String>> {
    match value {
        Value::Array(values) => {
            let name = |(at, value): (usize, &Value)| match value {
                Value::String(name) => Ok(name.clone()),
                other => inside(&format!("[{at}]"), fault(redact_value(other), "write a name")),
            };
            collect(values.iter().enumerate().map(name))
        }
        Value::Object(entries) if dialect == Dialect::Python => Ok(entries.keys().cloned().collect()),
        Value::String(letters) if dialect == Dialect::Python => Ok(letters.chars().map(String::from).collect()),
        other => fault(redact_value(other), "write a list of names, such as `[\"console\"]`"),
    }
}
