//! Values of attributes as text.

use std::fmt::Write as _;

use opencensus_core::Value;

/// Clears `text` and writes the value to it. Lists become JSON, except that a header with a single
/// line becomes that line.
pub(crate) fn write_value(text: &mut String, key: &str, value: &Value) {
    text.clear();
    match value {
        Value::List(values) if values.len() == 1 && key.starts_with("http.") => write_plain(text, &values[0]),
        value => write_plain(text, value),
    }
}

fn write_plain(text: &mut String, value: &Value) {
    let Value::List(values) = value else {
        let _ = write!(text, "{value}");
        return;
    };
    text.push('[');
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        match value {
            Value::Text(value) => write_json_text(text, value),
            value => write_plain(text, value),
        }
    }
    text.push(']');
}

fn write_json_text(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}
