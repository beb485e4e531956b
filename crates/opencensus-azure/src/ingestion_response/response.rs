//! Decides the outcome of a batch by the response of the ingestion endpoint, without I/O.
//!
//! | status | decision |
//! | --- | --- |
//! | 200 and other 2xx | delivered, except for the items that the body lists |
//! | 206 | by the body's list; delivered if the body is malformed, so that nothing is sent twice |
//! | 400 | by the body's list if it names every item; otherwise the batch is bisected |
//! | 413 | the batch is halved until it fits |
//! | 408, 429, 500, 502, 503, 504 | retry, not before `Retry-After` |
//! | 401, 403, 402 and 439 (quota), 407 and 511 (a proxy's or network's login) | retry, not before `Retry-After`, by default one minute |
//! | redirects that are not followed (3xx) | retry |
//! | any other | dropped (rejected) |
//!
//! The same rules apply to the status of a listed item. A status of 206 or the message "Telemetry
//! sampled out." means that the item was delivered and then sampled out by the service.

use std::time::{Duration, SystemTime};

use opencensus_core::{Delivery, DropReason, ItemOutcome, SendOutcome};

use crate::failure::cause_of_response;
use crate::ingestion_response::item_error::{self, ItemError};
use crate::ingestion_response::message::message;
use crate::ingestion_response::retry_after::retry_after;

/// The wait after a status that will not change soon.
const LONG_WAIT: Duration = Duration::from_secs(60);

const SAMPLED_OUT: &str = "Telemetry sampled out.";

/// A response of the ingestion endpoint to a posted batch.
///
/// [`AzureExporter`](crate::AzureExporter) handles responses by itself. This type is for programs that
/// post [`AzureExporter::body`](crate::AzureExporter::body) with their own client.
///
/// # Examples
///
/// ```
/// use opencensus_azure::IngestionResponse;
/// use opencensus_core::Delivery;
/// use std::time::{Duration, SystemTime};
///
/// let response = IngestionResponse::new(429, b"").with_retry_after("30", SystemTime::now());
/// assert_eq!(response.delivery(4), Delivery::Retry { after: Some(Duration::from_secs(30)) });
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IngestionResponse<'a> {
    status: u16,
    retry_after: Option<Duration>,
    body: &'a [u8],
}

impl<'a> IngestionResponse<'a> {
    /// Creates a response with this status and body, and without a `Retry-After` header.
    #[must_use]
    pub fn new(status: u16, body: &'a [u8]) -> Self {
        Self { status, retry_after: None, body }
    }

    /// Adds the value of the `Retry-After` header: seconds, or an HTTP date relative to `now`. A value
    /// that is malformed or not in the future is ignored.
    #[must_use]
    pub fn with_retry_after(mut self, value: &str, now: SystemTime) -> Self {
        self.retry_after = retry_after(value, now);
        self
    }

    /// The time to wait before the next POST, if the endpoint named one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The outcome for a batch of this many items.
    #[must_use]
    pub fn delivery(&self, items: usize) -> Delivery {
        let after = self.retry_after;
        match self.status {
            200..=299 => self.accepted(items),
            400 => self.rejected(items),
            413 => Delivery::TooLarge,
            300..=399 | 408 | 429 | 500 | 502 | 503 | 504 => Delivery::Retry { after },
            401..=403 | 407 | 439 | 511 => Delivery::Retry { after: after.or(Some(LONG_WAIT)) },
            _ => Delivery::Dropped { reason: DropReason::Rejected, pause: None },
        }
    }

    /// The outcome for a batch of this many items, with the cause if items were not accepted: the status, the
    /// endpoint's message, and the remedy.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_azure::IngestionResponse;
    ///
    /// let response = IngestionResponse::new(503, b"try later");
    /// let cause = response.outcome(4).cause.expect("the batch was not accepted").to_string();
    /// assert!(cause.starts_with("503 Service Unavailable: \"try later\"; "));
    /// ```
    #[must_use]
    pub fn outcome(&self, items: usize) -> SendOutcome {
        let delivery = self.delivery(items);
        if delivery == Delivery::Delivered {
            return delivery.into();
        }
        let errors = item_error::errors(self.body, 2 * items);
        let listed = errors.iter().find(|error| outcome(error, items).is_some());
        let text = message(self.body);
        let (status, message) = match listed {
            // The items of an accepted batch have statuses of their own.
            Some(error) if (200..300).contains(&self.status) => (error.status().unwrap_or(0), error.message()),
            Some(error) => (u64::from(self.status), error.message()),
            None => (u64::from(self.status), text.as_str()),
        };
        delivery.because(cause_of_response(u16::try_from(status).unwrap_or(self.status), message))
    }

    fn accepted(&self, items: usize) -> Delivery {
        let outcomes = self.outcomes(items);
        if outcomes.is_empty() { Delivery::Delivered } else { self.partial(outcomes) }
    }

    /// The endpoint accepted no item, and the status is that of the first one. The body decides only if it lists
    /// every item; otherwise the pipeline bisects the batch.
    fn rejected(&self, items: usize) -> Delivery {
        let outcomes = self.outcomes(items);
        let mut is_listed = vec![false; items];
        for (at, _) in &outcomes {
            is_listed[*at] = true;
        }
        let all_listed = items > 1 && is_listed.iter().all(|is_listed| *is_listed);
        if all_listed { self.partial(outcomes) } else { Delivery::Bisect }
    }

    fn partial(&self, items: Vec<(usize, ItemOutcome)>) -> Delivery {
        Delivery::Partial { items, after: self.retry_after }
    }

    /// The items that the body lists as not delivered.
    fn outcomes(&self, items: usize) -> Vec<(usize, ItemOutcome)> {
        // The body may list an item twice; longer lists are invalid.
        item_error::errors(self.body, 2 * items).iter().filter_map(|error| outcome(error, items)).collect()
    }
}

/// The outcome of a listed item. `None` if it was delivered, or the batch has no such item.
fn outcome(error: &ItemError, items: usize) -> Option<(usize, ItemOutcome)> {
    let index = error.index().filter(|at| *at < items)?;
    match error.status() {
        _ if error.message().eq_ignore_ascii_case(SAMPLED_OUT) => None,
        Some(206) => None,
        Some(401..=403 | 408 | 429 | 439 | 500 | 502 | 503 | 504) => Some((index, ItemOutcome::Retry)),
        _ => Some((index, ItemOutcome::Dropped(DropReason::Rejected))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(list: &str) -> Vec<u8> {
        format!(r#"{{"itemsReceived":4,"itemsAccepted":1,"errors":[{list}]}}"#).into_bytes()
    }

    fn delivery(status: u16, body: &[u8]) -> Delivery {
        IngestionResponse::new(status, body).delivery(4)
    }

    const REJECTED: ItemOutcome = ItemOutcome::Dropped(DropReason::Rejected);

    #[test]
    fn success_delivers_even_if_the_body_is_malformed() {
        for (status, body) in [(200, "{}"), (200, "<html>"), (206, ""), (206, "[1"), (200, ""), (204, ""), (202, "x")] {
            assert_eq!(delivery(status, body.as_bytes()), Delivery::Delivered, "{status} {body}");
        }
    }

    #[test]
    fn listed_items_have_their_own_outcomes() {
        let body = errors(
            r#"{"index":0,"statusCode":429},{"index":1,"statusCode":400,"message":"bad"},
               {"index":2,"statusCode":206},{"index":3,"statusCode":402}"#,
        );
        let items = vec![(0, ItemOutcome::Retry), (1, REJECTED), (3, ItemOutcome::Retry)];
        assert_eq!(delivery(206, &body), Delivery::Partial { items: items.clone(), after: None });
        assert_eq!(delivery(200, &body), Delivery::Partial { items, after: None });
    }

    #[test]
    fn numbers_may_be_texts() {
        let body = errors(
            r#"{"index":"1","statusCode":"500"},{"index":2,"statusCode":" 402 "},{"index":3,"statusCode":"400"}"#,
        );
        let items = vec![(1, ItemOutcome::Retry), (2, ItemOutcome::Retry), (3, REJECTED)];
        assert_eq!(delivery(206, &body), Delivery::Partial { items, after: None });
    }

    #[test]
    fn message_of_a_json_body_decides_about_the_remedy() {
        for body in [
            r#"{"error":{"code":"Unauthorized","message":"Local authentication is disabled."}}"#,
            r#"{"itemsReceived":4,"itemsAccepted":0,"errors":[{"index":0,"statusCode":401,"message":"Local auth is disabled"}]}"#,
            r#"{"errors":[{"index":null,"statusCode":401,"message":"DisableLocalAuth is set"}]}"#,
            "local authentication is disabled",
        ] {
            let cause = IngestionResponse::new(401, body.as_bytes()).outcome(4).cause.unwrap().to_string();
            assert!(cause.contains("properties.DisableLocalAuth=false"), "{cause}");
            assert!(cause.to_ascii_lowercase().starts_with("401 unauthorized: \"") && !cause.contains('{'), "{cause}");
        }
    }

    #[test]
    fn endless_list_is_truncated_and_null_is_empty() {
        let list = vec![r#"{"index":1,"statusCode":429}"#; 10_000].join(",");
        let Delivery::Partial { items, .. } = delivery(206, &errors(&list)) else { panic!() };
        assert_eq!(items.len(), 8);
        assert_eq!(delivery(200, br#"{"errors":null}"#), Delivery::Delivered);
    }

    #[test]
    fn item_that_the_service_sampled_out_is_delivered() {
        let body = errors(r#"{"index":0,"statusCode":500,"message":"TELEMETRY sampled out."}"#);
        assert_eq!(delivery(206, &body), Delivery::Delivered);
    }

    #[test]
    fn invalid_indexes_are_ignored() {
        for index in ["-1", "4", "1e9", "null", "\"4\"", "\"-1\"", "\"one\"", "1.5", "18446744073709551616", "[]"] {
            let body = errors(&format!(r#"{{"index":{index},"statusCode":500}}"#));
            assert_eq!(delivery(206, &body), Delivery::Delivered, "{index}");
        }
    }

    #[test]
    fn refused_batch_is_bisected_unless_every_item_is_listed() {
        assert_eq!(delivery(400, b"Invalid instrumentation key"), Delivery::Bisect);
        assert_eq!(delivery(400, &errors(r#"{"index":0,"statusCode":400}"#)), Delivery::Bisect);
        let all = errors(r#"{"index":0,"statusCode":400},{"index":1,"statusCode":500}"#);
        let items = vec![(0, REJECTED), (1, ItemOutcome::Retry)];
        assert_eq!(IngestionResponse::new(400, &all).delivery(2), Delivery::Partial { items, after: None });
        assert_eq!(delivery(413, b""), Delivery::TooLarge);
    }

    #[test]
    fn temporary_errors_are_retried_not_before_retry_after() {
        let after = Some(Duration::from_secs(7));
        let after_7 =
            |status| IngestionResponse::new(status, b"").with_retry_after("7", SystemTime::UNIX_EPOCH).delivery(4);
        for status in [301, 302, 303, 307, 308, 408, 429, 500, 502, 503, 504] {
            assert_eq!(after_7(status), Delivery::Retry { after }, "{status}");
            assert_eq!(delivery(status, b""), Delivery::Retry { after: None }, "{status}");
        }
        for status in [401, 402, 403, 407, 439, 511] {
            assert_eq!(after_7(status), Delivery::Retry { after }, "{status}");
            assert_eq!(delivery(status, b""), Delivery::Retry { after: Some(LONG_WAIT) }, "{status}");
        }
    }

    #[test]
    fn permanent_errors_drop_the_batch_by_reason() {
        for status in [404, 405, 411, 415, 501, 505, 599, 100, 0] {
            let dropped = Delivery::Dropped { reason: DropReason::Rejected, pause: None };
            assert_eq!(delivery(status, b""), dropped, "{status}");
        }
    }
}
