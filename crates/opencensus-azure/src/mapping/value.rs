//! Values of attributes as text.

use std::fmt::Write as _;

use opencensus_core::Value;

use crate::mapping::number::write_number;

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
    match value {
        Value::List(values) => write_list(text, values, Value::MAX_DEPTH),
        Value::F64(number) => write_number(text, *number),
        value => {
            let _ = write!(text, "{value}");
        }
    }
}

/// Writes JSON. A list that is deeper than `depth` is written as a text.
fn write_list(text: &mut String, values: &[Value], depth: usize) {
    text.push('[');
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        match value {
            Value::Text(value) => write_json_text(text, value),
            Value::List(_) if depth <= 1 => text.push_str("\"[…]\""),
            Value::List(values) => write_list(text, values, depth - 1),
            Value::F64(number) if !number.is_finite() => text.push_str("null"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_json_down_to_a_depth() {
        let mut text = String::new();
        let list = Value::List(vec!["a\"\n".into(), 1.into(), true.into(), f64::NAN.into(), 1e21.into()]);
        write_value(&mut text, "k", &Value::List(vec![list]));
        assert_eq!(text, r#"[["a\"\u000a",1,true,null,1e+21]]"#);
        let deep = (0..40).fold(Value::I64(7), |value, _| Value::List(vec![value]));
        write_value(&mut text, "k", &deep);
        assert_eq!(text, format!("{}\"[…]\"{}", "[".repeat(16), "]".repeat(16)));
    }
}
