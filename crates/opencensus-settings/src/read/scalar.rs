//! Reads switches, numbers, sizes, durations and paths.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::checked::{Checked, fault};
use crate::parse;
use crate::value::Value;

/// Reads a switch.
///
/// # Errors
///
/// The value is neither a boolean nor a text such as `yes`: see [`parse::switch`].
///
/// # Examples
///
/// ```
/// use opencensus_settings::{Value, read};
///
/// assert_eq!(read::boolean(&Value::text("on")), Ok(true));
/// let faults = read::boolean(&Value::text("maybe")).unwrap_err();
/// assert_eq!(faults[0].to_string(), "found `maybe`; write `true` or `false`");
/// ```
pub fn boolean(value: &Value) -> Checked<bool> {
    let found = match value {
        Value::Bool(found) => Some(*found),
        Value::Text(text) => parse::switch(&text.value),
        _ => None,
    };
    found.map_or_else(|| fault(value.redacted(), "write `true` or `false`"), Ok)
}

/// Reads the path of a file.
///
/// # Errors
///
/// The value is not a text, or is empty. `remedy` is the remedy of that fault.
pub fn path(value: &Value, remedy: &str) -> Checked<PathBuf> {
    match value {
        Value::Text(text) if !text.value.trim().is_empty() => Ok(text.value.trim().into()),
        _ => fault(value.redacted(), remedy),
    }
}

/// Reads a whole number above 0.
///
/// # Errors
///
/// The value is anything else.
pub fn count(value: &Value) -> Checked<usize> {
    let number = match value {
        Value::Integer(number) => usize::try_from(*number).ok(),
        // `100.0`, as Python may write it.
        Value::Float(number) if number.fract() == 0.0 && (1.0..1e15).contains(number) => Some(*number as usize),
        Value::Text(text) => parse::count(&text.value),
        _ => None,
    };
    match number.filter(|number| *number > 0) {
        Some(number) => Ok(number),
        None => fault(value.redacted(), "write a whole number above 0"),
    }
}

/// Reads a number of bytes above 0.
///
/// # Errors
///
/// The value is neither a whole number nor a text such as `1 MiB`: see [`parse::bytes`].
pub fn bytes(value: &Value) -> Checked<usize> {
    let Value::Text(text) = value else { return count(value) };
    let remedy = "write a number of bytes above 0, such as `1048576`, `512 KiB` or `1 MiB`";
    parse::bytes(&text.value).map_or_else(|| fault(value.redacted(), remedy), Ok)
}

/// Reads a duration.
///
/// # Errors
///
/// The value is neither a number of seconds nor a text such as `1m 30s`: see [`parse::duration`].
pub fn duration(value: &Value) -> Checked<Duration> {
    let duration = match value {
        Value::Integer(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
        Value::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
        Value::Text(text) => parse::duration(&text.value),
        _ => None,
    };
    duration.map_or_else(|| fault(value.redacted(), "write seconds, or a time such as `500ms`, `2s` or `1m 30s`"), Ok)
}

/// Reads a number of a type with its own bounds, such as a rate.
///
/// # Errors
///
/// The value is not a number, or is outside the bounds. `remedy` is the remedy of that fault.
pub fn number<T: FromStr<Err = E> + TryFrom<f64, Error = E>, E: Display>(value: &Value, remedy: &str) -> Checked<T> {
    let number = match value {
        Value::Integer(number) => T::try_from(*number as f64).ok(),
        Value::Float(number) => T::try_from(*number).ok(),
        Value::Text(text) => text.value.parse().ok(),
        _ => None,
    };
    number.map_or_else(|| fault(value.redacted(), remedy), Ok)
}
