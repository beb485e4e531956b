//! SQL functions that the conditions of searches call.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::store::search::properties::PropertyKey;
use crate::store::search::text::Needle;

/// Adds the functions to a connection:
///
/// - `has_text(json, text)`: whether a value of the JSON contains the text,
/// - `property(json, key)`: the custom property or measurement with this key,
/// - `is_like(value, pattern)`: whether the value matches a pattern with `*`,
/// - `number(value)`: the number that the text is, or null.
pub(in crate::store) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("has_text", 2, flags, |context| {
        let needle = prepared(context, Needle::new)?;
        Ok(matches!(context.get_raw(0), ValueRef::Text(json) if needle.is_in(json)))
    })?;
    connection.create_scalar_function("property", 2, flags, |context| {
        let key = prepared(context, PropertyKey::new)?;
        Ok(text(context, 0).and_then(|json| key.value(json)).map(String::from))
    })?;
    connection.create_scalar_function("is_like", 2, flags, |context| {
        let pattern = text(context, 1).unwrap_or_default();
        Ok(text(context, 0).map(|value| is_like(value.as_bytes(), pattern.as_bytes())))
    })?;
    connection.create_scalar_function("number", 1, flags, |context| {
        let number = text(context, 0).and_then(|text| text.parse().ok());
        Ok(number.filter(|number: &f64| number.is_finite()))
    })
}

fn text<'a>(context: &'a Context<'_>, at: usize) -> Option<&'a str> {
    match context.get_raw(at) {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

/// What is prepared once from the second argument, for all rows of a statement.
fn prepared<T: Send + Sync + 'static>(context: &Context<'_>, prepare: impl Fn(&str) -> T) -> rusqlite::Result<Arc<T>> {
    context.get_or_create_aux(1, |value| -> Result<T, rusqlite::types::FromSqlError> { Ok(prepare(value.as_str()?)) })
}

/// Whether a value matches a pattern in which `*` stands for any bytes. The case of ASCII letters is ignored.
fn is_like(value: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut next) = (0, 0);
    // After the last `*`: its successor in the pattern, and the byte of the value that the successor is tried at.
    let mut retry = None;
    while at < value.len() {
        match pattern.get(next) {
            Some(b'*') => {
                next += 1;
                retry = Some((next, at));
            }
            Some(byte) if byte.eq_ignore_ascii_case(&value[at]) => (at, next) = (at + 1, next + 1),
            _ => {
                let Some((after, tried)) = retry else { return false };
                (next, at) = (after, tried + 1);
                retry = Some((after, at));
            }
        }
    }
    pattern[next..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_values() {
        for (value, pattern, matches) in [
            ("GET /x", "get*", true),
            ("GET /x", "*x", true),
            ("GET /x", "*T*X*", true),
            ("GET /x", "*", true),
            ("GET /x", "T*", false),
            ("GET /x", "get", false),
            ("", "*", true),
            ("", "a", false),
            ("abcabd", "*abd", true),
            ("ü", "*ü", true),
        ] {
            assert_eq!(is_like(value.as_bytes(), pattern.as_bytes()), matches, "{value} {pattern}");
        }
        assert!(!is_like(&[b'a'; 10_000], &b"*a".repeat(100).iter().chain(b"b").copied().collect::<Vec<_>>()));
    }
}
