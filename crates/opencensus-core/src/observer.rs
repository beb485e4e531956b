//! Observers of responses and of the ends of requests.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::propagation::TraceContext;
use crate::request::{HttpVersion, QueryRedaction, RequestDetails};
use crate::telemetry::{GrpcStatus, Outcome};

/// Receives an event for every response with a status of 400 or above, and for every request whose
/// service failed or panicked, whether the request is kept, sampled out or blacklisted. Events of other
/// responses ([`observes_success`](Self::observes_success)), of responses that fail after their head
/// ([`observes_body_failures`](Self::observes_body_failures)) and of the ends of requests
/// ([`observes_end`](Self::observes_end)) are opt-in.
///
/// All methods are called on the request's thread, with the request as the current one: an
/// implementation must not block or panic.
///
/// # Examples
///
/// ```
/// use opencensus_core::{EndEvent, Observer, ResponseEvent};
///
/// #[derive(Debug)]
/// struct AccessLog;
///
/// impl Observer for AccessLog {
///     fn observes_end(&self) -> bool {
///         true
///     }
///
///     fn on_response(&self, response: &ResponseEvent<'_>) {
///         eprintln!("{}", response.message());
///     }
///
///     fn on_end(&self, end: &EndEvent<'_>) {
///         println!("{} {} {:?} {:?}", end.method, end.path, end.status, end.duration);
///     }
/// }
/// ```
pub trait Observer: Send + Sync + fmt::Debug + 'static {
    /// Whether the observer receives events of this request. Called once a request, before the handler.
    /// Default: `true`.
    fn is_enabled(&self) -> bool {
        true
    }

    /// Whether the observer also receives events of responses with a status below 400. Called once for each of them.
    /// Default: `false`.
    fn observes_success(&self) -> bool {
        false
    }

    /// Whether the observer uses [`ResponseEvent::details`]. Called once a request, before the handler.
    /// Details cost a copy of the table of headers, so they exist only if an observer uses them.
    /// Default: `false`.
    fn needs_details(&self) -> bool {
        false
    }

    /// Whether [`on_end`](Self::on_end) is called for this request. Called once a request, before the handler.
    /// Default: `false`.
    fn observes_end(&self) -> bool {
        false
    }

    /// Whether [`on_body_failure`](Self::on_body_failure) is called for this request. Called once a request, before
    /// the handler. Default: `false`.
    fn observes_body_failures(&self) -> bool {
        false
    }

    /// Called when a response's head is complete, or when the service failed without a response.
    fn on_response(&self, response: &ResponseEvent<'_>);

    /// Called when a response fails after its head: its body returns an error, panics, or ends before the length that
    /// the head announces. The event is that of the response, with the failure in [`ResponseEvent::error`]. A client
    /// that disconnects is not a failure, and a response of 5xx is one already.
    /// Default: nothing.
    fn on_body_failure(&self, failure: &ResponseEvent<'_>) {
        let _ = failure;
    }

    /// Called when a request has ended: with its response's last byte, an error, a panic, or because it was
    /// dropped.
    /// Default: nothing.
    fn on_end(&self, end: &EndEvent<'_>) {
        let _ = end;
    }
}

/// A response whose head is complete. [`Observer`] has an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ResponseEvent<'a> {
    /// The status; 500 for a request whose service failed; for a gRPC call the HTTP status of the
    /// [same meaning](GrpcStatus::http_status).
    pub status: u16,
    /// The status of a gRPC call. Such a response is reported at its end, because the status follows its body.
    pub grpc_status: Option<GrpcStatus>,
    /// The reason phrase, such as `Not Found`.
    pub reason: &'a str,
    /// The method as the client sent it.
    pub method: &'a str,
    /// The target's path.
    pub path: &'a str,
    /// The matched route's template, such as `/users/{id}`, if it is known without a search.
    pub route: Option<&'a str>,
    /// The target's query, with any secrets in it.
    pub query: Option<&'a str>,
    /// Which of the query's values are redacted. Default: those of keys that usually hold secrets.
    pub redaction: QueryRedaction,
    /// The protocol's version. Default: HTTP/1.1.
    pub version: HttpVersion,
    /// The length of the response's body in bytes, if the head announces it.
    pub length: Option<u64>,
    /// The whole request, if an observer [needs](Observer::needs_details) it.
    pub details: Option<&'a Arc<RequestDetails>>,
    /// The request's place in its trace.
    pub context: Option<TraceContext>,
    /// The kind of a suspicious request, such as `DisallowedHost`.
    pub suspicion: Option<&'a str>,
    /// The message of a panic, or of a service's or a body's error. The error's type, if it has no message.
    pub error: Option<&'a str>,
    /// The type of the [`cause`](Self::cause), or of a service's or a body's error, if it is known.
    pub error_type: Option<&'a str>,
    /// Whether the error is an exception item already, which is sent with the request. Default: false.
    pub has_exception: bool,
    /// Whether the response failed after its head, which the client has received: an event of
    /// [`Observer::on_body_failure`]. Default: false.
    pub is_incomplete: bool,
    /// The error that the handler returned.
    pub cause: Option<&'a Arc<dyn Error + Send + Sync>>,
    /// The message's template, with `%s` for the value and for the path, or for the path alone.
    /// Default: `%s: %s`.
    pub template: &'static str,
    /// The template's value, if it is not the reason.
    pub value: Option<&'a str>,
}

/// A request that has ended. [`Observer`] has an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EndEvent<'a> {
    /// The method as the client sent it.
    pub method: &'a str,
    /// The target's path.
    pub path: &'a str,
    /// The status in the request's record: the response's; 500 after a panic, even in the body; without a
    /// response 499 if the request was cancelled, and 500 if its service failed; for a gRPC call the HTTP status of the
    /// [same meaning](GrpcStatus::http_status).
    pub status: Option<u16>,
    /// The status of a gRPC call that completed.
    pub grpc_status: Option<GrpcStatus>,
    /// How the request ended.
    pub outcome: &'a Outcome,
    /// The time from the request's arrival at the middleware to its end.
    pub duration: Duration,
    /// The bytes of the response's body that were handed to the server.
    pub body_bytes: u64,
    /// The request's place in its trace.
    pub context: Option<TraceContext>,
}

impl<'a> EndEvent<'a> {
    /// Creates an event. `status` is that of the response's head, if there was one.
    #[must_use]
    pub fn new(method: &'a str, path: &'a str, status: Option<u16>, outcome: &'a Outcome, duration: Duration) -> Self {
        let status = outcome.recorded_status(status);
        Self { method, path, status, grpc_status: None, outcome, duration, body_bytes: 0, context: None }
    }
}

/// The template of most messages.
const TEMPLATE: &str = "%s: %s";
/// The reason of a response that failed after its head.
const INCOMPLETE: &str = "Incomplete Response";

impl<'a> ResponseEvent<'a> {
    /// The [suspicion](Self::suspicion) of a request without a valid token against cross-site request forgery.
    pub const CSRF: &'static str = "csrf";

    /// Creates an event of a response with this status to this request.
    #[must_use]
    pub fn new(status: u16, reason: &'a str, method: &'a str, path: &'a str) -> Self {
        Self {
            status,
            grpc_status: None,
            reason,
            method,
            path,
            route: None,
            query: None,
            redaction: QueryRedaction::default(),
            version: HttpVersion::Http11,
            length: None,
            details: None,
            context: None,
            suspicion: None,
            error: None,
            error_type: None,
            has_exception: false,
            is_incomplete: false,
            cause: None,
            template: TEMPLATE,
            value: None,
        }
    }

    /// The event of a response that failed after its head, which the client has received.
    #[must_use]
    pub fn incomplete(status: u16, method: &'a str, path: &'a str) -> Self {
        Self { is_incomplete: true, ..Self::new(status, INCOMPLETE, method, path) }
    }

    /// Whether loggers record an error rather than a warning: for 5xx, for incomplete responses, and for suspicious
    /// requests, except [`CSRF`](Self::CSRF), whose usual cause is an old form.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.suspicion.map_or(self.status >= 500 || self.is_incomplete, |kind| kind != Self::CSRF)
    }

    /// The values of the [`template`](Self::template)'s place holders, with `path` in place of the event's own.
    #[must_use]
    pub fn values<'b>(&'b self, path: &'b str) -> Vec<&'b str> {
        let has_both = self.template.matches("%s").count() > 1;
        has_both.then(|| self.value.unwrap_or(self.reason)).into_iter().chain([path]).collect()
    }

    /// The request line, such as `GET /chairs?page=2 HTTP/1.1`, with the query
    /// [redacted](Self::redaction).
    #[must_use]
    pub fn request_line(&self) -> String {
        let query = self.query.map(|query| format!("?{}", self.redaction.apply(query)));
        format!("{} {}{} HTTP/{}", self.method, self.path, query.unwrap_or_default(), self.version.as_str())
    }

    /// The message: the template with its values.
    #[must_use]
    pub fn message(&self) -> String {
        let mut values = self.values(self.path).into_iter();
        let mut pieces = self.template.split("%s");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |message, piece| message + values.next().unwrap_or_default() + piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_line_redacts_secrets_in_the_query() {
        let mut response = ResponseEvent::new(200, "OK", "GET", "/a");
        assert_eq!(response.request_line(), "GET /a HTTP/1.1");
        (response.query, response.version) = (Some("q=1&token=x"), HttpVersion::Http2);
        assert_eq!(response.request_line(), "GET /a?q=1&token=REDACTED HTTP/2");
        response.redaction = QueryRedaction::All;
        assert_eq!(response.request_line(), "GET /a?q=REDACTED&token=REDACTED HTTP/2");
    }

    #[test]
    fn message_holds_the_value_and_the_path() {
        let mut response = ResponseEvent::new(404, "Not Found", "GET", "/a%s");
        assert_eq!(response.message(), "Not Found: /a%s");
        response.value = Some("Nope");
        assert_eq!(response.message(), "Nope: /a%s");
        response.template = "Forbidden (Permission denied): %s";
        assert_eq!(
            (response.message().as_str(), response.values("/x")),
            ("Forbidden (Permission denied): /a%s", vec!["/x"])
        );
    }

    #[test]
    fn incomplete_response_is_an_error_whatever_its_status() {
        let response = ResponseEvent::incomplete(200, "GET", "/stream");
        assert!(response.is_error() && response.is_incomplete);
        assert_eq!(response.message(), "Incomplete Response: /stream");
    }

    #[test]
    fn end_event_without_a_response_has_the_status_of_its_outcome() {
        let status = |status, outcome: Outcome| EndEvent::new("GET", "/", status, &outcome, Duration::ZERO).status;
        assert_eq!(status(None, Outcome::Cancelled), Some(499));
        assert_eq!(status(None, Outcome::Panicked("boom".into())), Some(500));
        assert_eq!(status(Some(200), Outcome::Aborted), Some(200));
        assert_eq!(status(Some(200), Outcome::Panicked("in the body".into())), Some(500), "as in the request's record");
    }
}
