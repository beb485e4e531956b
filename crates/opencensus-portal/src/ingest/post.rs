//! Reads a post: splits its body, and parses the items. Its work and its result are bounded.

use axum::http::StatusCode;

use crate::ingest::app_id::app_id_of_item;
use crate::ingest::envelope;
use crate::ingest::refused::{refused_body, refused_item};
use crate::ingest::response::{IngestionResponse, ItemError, MAX_ERRORS};
use crate::ingest::split::{SplitError, split};
use crate::store::{NewItem, NewRefusal};

/// What encoders on Windows write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a post brought.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) items: Vec<NewItem>,
    pub(super) refusals: Vec<NewRefusal>,
    pub(super) response: IngestionResponse,
}

/// Reads the body of a post that arrives at `now`, in microseconds since 1970. `client` is its `User-Agent`.
pub(super) fn read(body: &[u8], client: Option<&str>, now: i64) -> Post {
    match split(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)) {
        Ok(items) => parse(&items, client, now),
        Err(error) => not_split(error, body, client, now),
    }
}

fn parse(items: &[&[u8]], client: Option<&str>, now: i64) -> Post {
    let (mut accepted, mut refusals, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match envelope::parse(item, now) {
            Ok(item) => accepted.push(item),
            Err(defect) => {
                refusals.push(refused_item(item, &defect, client, now));
                errors.push(ItemError { index, status_code: 400, message: defect.to_string() });
            }
        }
        if errors.len() > MAX_ERRORS {
            errors.pop();
            accepted.clear();
            break;
        }
    }
    let app_id = items.first().and_then(|item| app_id_of_item(item));
    let response = IngestionResponse { items_received: items.len(), items_accepted: accepted.len(), app_id, errors };
    Post { items: accepted, refusals, response }
}

fn not_split(error: SplitError, body: &[u8], client: Option<&str>, now: i64) -> Post {
    let (status, reason) = match error {
        SplitError::Empty => (StatusCode::BAD_REQUEST, "the body has no items"),
        SplitError::NotAnArray => (StatusCode::BAD_REQUEST, "the body is not a JSON array"),
        SplitError::TooMany => (StatusCode::PAYLOAD_TOO_LARGE, "the body has more than 4096 items"),
    };
    let refusal = refused_body(body, status.as_u16(), reason.to_owned(), client, now);
    Post { items: Vec::new(), refusals: vec![refusal], response: IngestionResponse::refused(status, reason) }
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
            let Post { items, response, .. } = read(&body, None, NOW);
            assert_eq!((items.len(), response.items_received, response.items_accepted), (2, 3, 2));
            let error = ItemError { index: 1, status_code: 400, message: "100: not UTF-8".into() };
            assert_eq!(response.errors, [error]);
        }
    }

    #[test]
    fn post_with_many_refused_items_is_refused_as_a_whole() {
        let body = format!("[{VALID},{}]", vec!["1"; MAX_ERRORS].join(","));
        let Post { items, response, .. } = read(body.as_bytes(), None, NOW);
        assert_eq!((items.len(), response.status()), (1, StatusCode::PARTIAL_CONTENT));
        let body = format!("[{VALID},{}]", vec!["1"; MAX_ERRORS + 1].join(","));
        let Post { items, response, .. } = read(body.as_bytes(), None, NOW);
        assert_eq!((items.len(), response.errors.len()), (0, MAX_ERRORS));
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}
