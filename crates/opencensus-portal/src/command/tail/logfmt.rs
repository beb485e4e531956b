//! Items as lines of `key=value`.

use crate::command::tail::escape::escape_json;
use crate::store::Item;

/// A line with all fields that the item has. Times are microseconds since 1970, durations microseconds.
pub(super) fn format(item: &Item) -> String {
    let text = |text: &Option<String>| text.clone();
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let causes = (!item.causes.is_empty()).then(|| item.causes.join("; "));
    let pairs = [
        ("id", Some(item.id.to_string())),
        ("time", Some(item.time.to_string())),
        ("kind", Some(item.kind.as_str().to_owned())),
        ("name", Some(item.name.clone())),
        ("code", text(&item.code)),
        ("success", item.success.map(|success| success.to_string())),
        ("duration", number(item.duration)),
        ("severity", text(&item.severity)),
        ("value", item.value.map(|value| value.to_string())),
        ("role", text(&item.role)),
        ("operation_id", text(&item.operation_id)),
        ("operation_name", text(&item.operation_name)),
        ("url", text(&item.url)),
        ("target", text(&item.target)),
        ("message", text(&item.message)),
        ("causes", causes),
    ];
    let pairs = pairs.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", quote(&value?))));
    pairs.collect::<Vec<_>>().join(" ")
}

/// Quotes a value that is empty or has more than visible ASCII characters, in JSON's notation.
fn quote(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=' | b'\\');
    if !value.is_empty() && value.bytes().all(is_plain) {
        return value.to_owned();
    }
    let quoted = serde_json::to_string(value).unwrap_or_default();
    escape_json(&quoted).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_spaces_quotes_or_control_characters_are_quoted() {
        let item = Item {
            name: "GET /a".into(),
            code: Some("200".into()),
            success: Some(true),
            duration: Some(1500),
            role: Some("a\"b\u{1b}\u{9b}".into()),
            message: Some(String::new()),
            ..Item::at(7)
        };
        let line = "id=7 time=7 kind=request name=\"GET /a\" code=200 success=true duration=1500 \
                    role=\"a\\\"b\\u001b\\u009b\" message=\"\"";
        assert_eq!(format(&item), line);
    }
}
