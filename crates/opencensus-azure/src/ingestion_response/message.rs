//! The message of a response, for the log.

use serde_json::Value;

/// The most bytes of a body that are read as a message.
const MAX_TEXT: usize = 4096;

/// The largest JSON body that is read.
const MAX_JSON: usize = 64 * 1024;

/// The message of a body: that of a JSON object, or the text. Empty for pages and other JSON.
pub(super) fn message(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_TEXT)]);
    let text = text.trim();
    match text.chars().next() {
        Some('{') if body.len() <= MAX_JSON => of_json(body).unwrap_or_default(),
        Some('<' | '{' | '[') | None => String::new(),
        Some(_) => text.to_owned(),
    }
}

/// The message of Azure's errors: `{"error": {"message": …}}`, `{"message": …}`, `{"errors": [{"message": …}]}`.
fn of_json(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let places = [&body["error"], &body, &body["errors"][0]];
    let texts = places.into_iter().flat_map(|place| [&place["message"], &place["Message"]]);
    texts.chain([&body["error"]]).find_map(|text| text.as_str().filter(|text| !text.is_empty())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_found_in_texts_and_in_each_form_of_a_json_object() {
        for (body, expected) in [
            ("", ""),
            (" try later\n", "try later"),
            ("<html>no</html>", ""),
            ("[1]", ""),
            ("{", ""),
            (r#"{"a":1}"#, ""),
            (r#"{"error":{"code":"x","message":"Local auth is disabled"}}"#, "Local auth is disabled"),
            (r#"{"error":"Local auth is disabled"}"#, "Local auth is disabled"),
            (r#"{"Message":"Local auth is disabled"}"#, "Local auth is disabled"),
            (r#"{"itemsReceived":1,"errors":[{"statusCode":401,"message":"no key"}]}"#, "no key"),
            (r#"{"errors":[],"message":""}"#, ""),
        ] {
            assert_eq!(message(body.as_bytes()), expected, "{body}");
        }
        assert_eq!(message("{\"message\":\"long\"}".repeat(10_000).as_bytes()), "");
        assert_eq!(message("x".repeat(10_000).as_bytes()).len(), MAX_TEXT);
    }
}
