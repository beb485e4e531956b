//! What follows from an answer of the ingestion endpoint: a pure decision.
//!
//! | status | what follows |
//! | --- | --- |
//! | 200 and other 2xx | delivered, but for items that the body lists |
//! | 206 | by the body's list; an unreadable body counts as delivered, so that nothing arrives twice |
//! | 400 | by the list if it names every item; else the batch is cut up to find the culprit |
//! | 413 | the batch is cut up |
//! | 408, 429, 500, 502, 503, 504 | again, not before `Retry-After` |
//! | 401, 403, 439 | again, not before `Retry-After`, or a minute |
//! | 402 | dropped (quota), and a pause of `Retry-After`, or a minute |
//! | 307, 308 that are not followed | again |
//! | all others | dropped (rejected) |
//!
//! A listed item is dropped or repeated by its own status in the same way; 206 and the message
//! "Telemetry sampled out." mean that it was delivered and then sampled by the service.

use std::time::{Duration, SystemTime};

use opencensus_core::{Delivery, DropReason, ItemOutcome};

use crate::ingestion_response::item_error::{self, ItemError};

/// Wait after an answer that will not change soon.
const LONG_WAIT: Duration = Duration::from_secs(60);

const SAMPLED_OUT: &str = "Telemetry sampled out.";

/// What becomes of a batch of `items` after this answer. `after` is the answer's `Retry-After`,
/// read by [`retry_after`].
#[must_use]
pub fn answer(status: u16, after: Option<Duration>, body: &[u8], items: usize) -> Delivery {
    match status {
        200..=299 => listed(body, items, after),
        400 => refused_items(body, items, after),
        413 => Delivery::Refused,
        307 | 308 | 408 | 429 | 500 | 502 | 503 | 504 => Delivery::Retry { after },
        401 | 403 | 439 => Delivery::Retry { after: after.or(Some(LONG_WAIT)) },
        402 => Delivery::Dropped { reason: DropReason::Quota, pause: after.or(Some(LONG_WAIT)) },
        _ => Delivery::Dropped { reason: DropReason::Rejected, pause: None },
    }
}

fn listed(body: &[u8], items: usize, after: Option<Duration>) -> Delivery {
    let outcomes = outcomes(body, items);
    if outcomes.is_empty() { Delivery::Delivered } else { Delivery::Partial { items: outcomes, after } }
}

/// A batch of which nothing was accepted is answered with the first item's status.
fn refused_items(body: &[u8], items: usize, after: Option<Duration>) -> Delivery {
    let outcomes = outcomes(body, items);
    let mut named = vec![false; items];
    for (at, _) in &outcomes {
        named[*at] = true;
    }
    let all_named = items > 1 && named.iter().all(|named| *named);
    if all_named { Delivery::Partial { items: outcomes, after } } else { Delivery::Refused }
}

/// The items that the body lists as not delivered.
fn outcomes(body: &[u8], items: usize) -> Vec<(usize, ItemOutcome)> {
    // Every item may be listed twice; what is beyond that is nonsense.
    item_error::errors(body, 2 * items).iter().filter_map(|error| outcome(error, items)).collect()
}

/// What a listed error means for its item; `None`: it was delivered, or there is no such item.
fn outcome(error: &ItemError, items: usize) -> Option<(usize, ItemOutcome)> {
    let index = error.index().filter(|at| *at < items)?;
    match error.status() {
        _ if error.message().eq_ignore_ascii_case(SAMPLED_OUT) => None,
        Some(206) => None,
        Some(401 | 403 | 408 | 429 | 439 | 500 | 502 | 503 | 504) => Some((index, ItemOutcome::Retry)),
        Some(402) => Some((index, ItemOutcome::Dropped(DropReason::Quota))),
        _ => Some((index, ItemOutcome::Dropped(DropReason::Rejected))),
    }
}

/// Reads a `Retry-After` value: seconds, or an HTTP date seen from `now`. What is in the past,
/// negative or unreadable asks for nothing.
#[must_use]
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let asked =
            Duration::try_from_secs_f64(seconds).unwrap_or(if seconds > 0.0 { Duration::MAX } else { Duration::ZERO });
        return (asked > Duration::ZERO).then_some(asked);
    }
    httpdate::parse_http_date(value).ok()?.duration_since(now).ok().filter(|asked| *asked > Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(list: &str) -> Vec<u8> {
        format!(r#"{{"itemsReceived":4,"itemsAccepted":1,"errors":[{list}]}}"#).into_bytes()
    }

    const REJECTED: ItemOutcome = ItemOutcome::Dropped(DropReason::Rejected);

    #[test]
    fn success_delivers_and_unreadable_success_never_repeats() {
        for (status, body) in [(200, "{}"), (200, "<html>"), (206, ""), (206, "[1"), (200, ""), (204, ""), (202, "x")] {
            assert_eq!(answer(status, None, body.as_bytes(), 4), Delivery::Delivered, "{status} {body}");
        }
    }

    #[test]
    fn listed_items_are_judged_one_by_one() {
        let body = errors(
            r#"{"index":0,"statusCode":429},{"index":1,"statusCode":400,"message":"bad"},
               {"index":2,"statusCode":206},{"index":3,"statusCode":402}"#,
        );
        let items = vec![(0, ItemOutcome::Retry), (1, REJECTED), (3, ItemOutcome::Dropped(DropReason::Quota))];
        assert_eq!(answer(206, None, &body, 4), Delivery::Partial { items: items.clone(), after: None });
        assert_eq!(answer(200, None, &body, 4), Delivery::Partial { items, after: None });
    }

    #[test]
    fn endless_list_is_cut_and_null_is_empty() {
        let list = vec![r#"{"index":1,"statusCode":429}"#; 10_000].join(",");
        let Delivery::Partial { items, .. } = answer(206, None, &errors(&list), 4) else { panic!() };
        assert_eq!(items.len(), 8);
        assert_eq!(answer(200, None, br#"{"errors":null}"#, 4), Delivery::Delivered);
    }

    #[test]
    fn sampled_out_by_the_service_is_delivered() {
        let body = errors(r#"{"index":0,"statusCode":500,"message":"TELEMETRY sampled out."}"#);
        assert_eq!(answer(206, None, &body, 4), Delivery::Delivered);
    }

    #[test]
    fn senseless_indexes_are_ignored() {
        for index in ["-1", "4", "1e9", "null", "\"1\"", "1.5", "18446744073709551616", "[]"] {
            let body = errors(&format!(r#"{{"index":{index},"statusCode":500}}"#));
            assert_eq!(answer(206, None, &body, 4), Delivery::Delivered, "{index}");
        }
    }

    #[test]
    fn refused_batch_is_cut_up_unless_every_item_is_named() {
        assert_eq!(answer(400, None, b"Invalid instrumentation key", 4), Delivery::Refused);
        assert_eq!(answer(400, None, &errors(r#"{"index":0,"statusCode":400}"#), 4), Delivery::Refused);
        let all = errors(r#"{"index":0,"statusCode":400},{"index":1,"statusCode":500}"#);
        let items = vec![(0, REJECTED), (1, ItemOutcome::Retry)];
        assert_eq!(answer(400, None, &all, 2), Delivery::Partial { items, after: None });
        assert_eq!(answer(413, None, b"", 4), Delivery::Refused);
    }

    #[test]
    fn trouble_is_retried_and_retry_after_is_kept() {
        let after = Some(Duration::from_secs(7));
        for status in [307, 308, 408, 429, 500, 502, 503, 504] {
            assert_eq!(answer(status, after, b"", 4), Delivery::Retry { after }, "{status}");
            assert_eq!(answer(status, None, b"", 4), Delivery::Retry { after: None }, "{status}");
        }
        for status in [401, 403, 439] {
            assert_eq!(answer(status, after, b"", 4), Delivery::Retry { after }, "{status}");
            assert_eq!(answer(status, None, b"", 4), Delivery::Retry { after: Some(LONG_WAIT) }, "{status}");
        }
    }

    #[test]
    fn what_will_never_be_taken_is_dropped_by_reason() {
        for status in [301, 302, 303, 404, 405, 501, 505, 599, 100, 0] {
            let dropped = Delivery::Dropped { reason: DropReason::Rejected, pause: None };
            assert_eq!(answer(status, None, b"", 4), dropped, "{status}");
        }
        let quota = Delivery::Dropped { reason: DropReason::Quota, pause: Some(LONG_WAIT) };
        assert_eq!(answer(402, None, b"", 4), quota);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_nonsense_is_nothing() {
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 20:00:00 GMT").unwrap();
        let read = |value| retry_after(value, now).map(|asked| asked.as_secs_f64());
        assert_eq!(read("30"), Some(30.0));
        assert_eq!(read(" 1.5 "), Some(1.5));
        assert_eq!(read("Sat, 21 Nov 2026 20:01:00 GMT"), Some(60.0));
        assert!(read("1e300").is_some_and(|seconds| seconds > 1e9));
        for nonsense in ["0", "-5", "soon", "", "NaN", "Sat, 21 Nov 2026 19:59:00 GMT"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
