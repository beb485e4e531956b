//! Reads one of several words.

use crate::checked::{Checked, fault};
use crate::value::Value;

/// Reads one of several words. Letter case does not count, and `-` equals `_`.
///
/// # Errors
///
/// The value is none of the words; the fault lists them.
///
/// # Examples
///
/// ```
/// use opencensus_settings::{Value, read};
///
/// let choices = [("off", 0), ("server_errors", 1)];
/// assert_eq!(read::choice(&Value::text("Server-Errors"), &choices), Ok(1));
/// ```
pub fn choice<T: Clone>(value: &Value, choices: &[(&str, T)]) -> Checked<T> {
    let Value::Text(text) = value else { return no_choice(value, choices) };
    let word = text.value.trim().to_ascii_lowercase().replace('_', "-");
    match choices.iter().find(|(name, _)| name.replace('_', "-") == word) {
        Some((_, value)) => Ok(value.clone()),
        None => no_choice(value, choices),
    }
}

fn no_choice<T, U>(value: &Value, choices: &[(&str, U)]) -> Checked<T> {
    let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
    let names = match names.split_last() {
        None | Some((_, [])) => names.concat(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
    };
    fault(value.redacted(), format!("write {names}"))
}
