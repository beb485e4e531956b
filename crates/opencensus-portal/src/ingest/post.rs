//! Reads a post: splits its body, and parses the items. Its work and its result are bounded.

use axum::http::StatusCode;

use crate::ingest::app_id::app_id_of_item;
use crate::ingest::envelope;
use crate::ingest::response::{IngestionResponse, ItemError, MAX_ERRORS};
use crate::ingest::split::{SplitError, split};
use crate::store::NewItem;

/// What encoders on Windows write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads the body of a post that arrives at `now`, in microseconds since 1970. Returns the accepted items and the
/// response.
pub(super) fn read(body: &[u8], now: i64) -> (Vec<NewItem>, IngestionResponse) {
    match split(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)) {
        Ok(items) => parse(&items, now),
        Err(error) => (Vec::new(), not_split(error)),
    }
}

fn parse(items: &[&[u8]], now: i64) -> (Vec<NewItem>, IngestionResponse) {
    let (mut accepted, mut errors) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match envelope::parse(item, now) {
            Ok(item) => accepted.push(item),
            Err(message) => errors.push(ItemError { index, status_code: 400, message }),
        }
        if errors.len() > MAX_ERRORS {
            errors.pop();
            accepted.clear();
            break;
        }
    }
    let app_id = items.first().and_then(|item| app_id_of_item(item));
    let response = IngestionResponse { items_received: items.len(), items_accepted: accepted.len(), app_id, errors };
    (accepted, response)
}

fn not_split(error: SplitError) -> IngestionResponse {
    match error {
        SplitError::Empty => IngestionResponse::refused(StatusCode::BAD_REQUEST, "the body has no items"),
        SplitError::NotAnArray => IngestionResponse::refused(StatusCode::BAD_REQUEST, "the body is not a JSON array"),
        SplitError::TooMany => {
            IngestionResponse::refused(StatusCode::PAYLOAD_TOO_LARGE, "the body has more than 4096 items")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_709_618_828_000_000;
    const VALID: &str = r#"{"name":"n","time":"2024-03-05T06:07:08Z","iKey":"k",
        "data":{"baseType":"EventData","baseData":{"name":"n"}}}"#;

    #[test]
    fn item_that_is_not_utf_8_does_not_affect_the_others() {
        let valid = VALID.replace('\n', "");
        for (open, separator, close) in [("", "\n", ""), ("[", ",", "]")] {
            let body = [open, &valid, separator, "?", separator, &valid, close].concat().into_bytes();
            let body: Vec<u8> = body.into_iter().map(|byte| if byte == b'?' { 0xFF } else { byte }).collect();
            let (items, response) = read(&body, NOW);
            assert_eq!((items.len(), response.items_received, response.items_accepted), (2, 3, 2));
            let error = ItemError { index: 1, status_code: 400, message: "100: not UTF-8".into() };
            assert_eq!(response.errors, [error]);
        }
    }

    #[test]
    fn post_with_many_refused_items_is_refused_as_a_whole() {
        let body = format!("[{VALID},{}]", vec!["1"; MAX_ERRORS].join(","));
        let (items, response) = read(body.as_bytes(), NOW);
        assert_eq!((items.len(), response.status()), (1, StatusCode::PARTIAL_CONTENT));
        let body = format!("[{VALID},{}]", vec!["1"; MAX_ERRORS + 1].join(","));
        let (items, response) = read(body.as_bytes(), NOW);
        assert_eq!((items.len(), response.errors.len()), (0, MAX_ERRORS));
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}
