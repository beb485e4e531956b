//! Reads lists of texts.

use crate::checked::{Checked, collect, fault, inside};
use crate::list;
use crate::python_literal;
use crate::value::Value;

/// Reads a list of texts, each of which `check` accepts. A single text is [split](list::split), or is a list in Python's
/// notation.
///
/// # Errors
///
/// The value is not a list, or items are invalid: all faults at once, each with the index of its item.
///
/// # Examples
///
/// ```
/// use opencensus_settings::{Value, read};
///
/// assert_eq!(read::texts(&Value::text("/a, /b"), |_, _| Ok(())), Ok(vec!["/a".to_owned(), "/b".to_owned()]));
/// ```
pub fn texts(value: &Value, check: impl Fn(&str, &Value) -> Checked<()> + Copy) -> Checked<Vec<String>> {
    match value {
        Value::Text(text) => {
            // `['/a', '/b']`: a Python program may have written the variable.
            if let Some(items) = python_literal::parse_list(text.value.trim()) {
                return items_of(&items, check);
            }
            let entries = list::split(&text.value).into_iter().enumerate();
            collect(entries.map(|(at, entry)| {
                inside(&format!("[{at}]"), check(&entry, &Value::Text(text.part(&*entry)))).map(|()| entry)
            }))
        }
        Value::List(items) => items_of(items, check),
        Value::Null => Ok(Vec::new()),
        other => fault(other.redacted(), "write a list of texts"),
    }
}

fn items_of(items: &[Value], check: impl Fn(&str, &Value) -> Checked<()>) -> Checked<Vec<String>> {
    collect(items.iter().enumerate().map(|(at, item)| {
        let checked = match item {
            Value::Text(text) => check(&text.value, item).map(|()| text.value.clone()),
            other => fault(other.redacted(), "write a text"),
        };
        inside(&format!("[{at}]"), checked)
    }))
}
