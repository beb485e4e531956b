//! Who wants to hear of answers.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::propagation::TraceContext;
use crate::request::{HttpVersion, QueryRedaction, RequestDetails};

/// Hears of every answer from 400 up, and of every request that has none because its service failed or
/// panicked; whether the request is kept, sampled out or blacklisted. Of other answers it hears if it
/// [asks](Self::observes_success) to.
///
/// Called on the request's thread while the request is current: an implementation must not block or
/// panic.
pub trait Observer: Send + Sync + fmt::Debug + 'static {
    /// Whether anything is worth remembering for [`answered`](Self::answered): asked once a request,
    /// before it is handled. Default: always.
    fn is_interested(&self) -> bool {
        true
    }

    /// Whether answers below 400 are worth a line, too: asked once such an answer. Default: no.
    fn observes_success(&self) -> bool {
        false
    }

    /// Whether it has a use for [`ResponseEvent::details`]: asked once a request, before it is handled. They cost a copy of
    /// the headers' table, so they are there only if somebody does. Default: no.
    fn wants_details(&self) -> bool {
        false
    }

    /// A request has got its answer.
    fn answered(&self, answer: &ResponseEvent<'_>);
}

/// An answer that is worth a line.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ResponseEvent<'a> {
    /// The status; 500 for a request that has no answer.
    pub status: u16,
    /// The reason phrase, such as `Not Found`.
    pub reason: &'a str,
    /// The method as it was sent.
    pub method: &'a str,
    /// The target's path.
    pub path: &'a str,
    /// The target's query, with whatever secrets are in it.
    pub query: Option<&'a str>,
    /// Which values of it may be told. Default: those of keys that usually hold secrets may not.
    pub redaction: QueryRedaction,
    /// The protocol's version. Default: HTTP/1.1.
    pub version: HttpVersion,
    /// The length of the answer's body in bytes, if its head tells it.
    pub length: Option<u64>,
    /// The request in full, if somebody [wanted](Observer::wants_details) it.
    pub details: Option<&'a Arc<RequestDetails>>,
    /// The request's place in its trace.
    pub context: Option<TraceContext>,
    /// What was suspicious about the request, such as `DisallowedHost`.
    pub suspicion: Option<&'a str>,
    /// The type of a service's error, or a panic's message.
    pub error: Option<&'a str>,
    /// The error that the application answers with.
    pub cause: Option<&'a Arc<dyn Error + Send + Sync>>,
    /// The words it is told in, with `%s` for what they are about and for the path, or for the path alone.
    /// Default: `%s: %s`, with the reason.
    pub template: &'static str,
    /// What the words are about, if it is not the reason.
    pub value: Option<&'a str>,
}

/// The words of most answers.
const TEMPLATE: &str = "%s: %s";

impl<'a> ResponseEvent<'a> {
    /// The [suspicion](Self::suspicion) of whoever checks tokens against forged requests.
    pub const CSRF: &'static str = "csrf";

    /// An answer with this status to this request.
    #[must_use]
    pub fn new(status: u16, reason: &'a str, method: &'a str, path: &'a str) -> Self {
        Self {
            status,
            reason,
            method,
            path,
            query: None,
            redaction: QueryRedaction::default(),
            version: HttpVersion::Http11,
            length: None,
            details: None,
            context: None,
            suspicion: None,
            error: None,
            cause: None,
            template: TEMPLATE,
            value: None,
        }
    }

    /// Whether it is worth an error rather than a warning: 5xx, and what is suspicious, but for [`CSRF`](Self::CSRF), which is mostly
    /// somebody whose form is old.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.suspicion.map_or(self.status >= 500, |kind| kind != Self::CSRF)
    }

    /// What is put into the [`template`](Self::template) when this stands for the path.
    #[must_use]
    pub fn values<'b>(&'b self, path: &'b str) -> Vec<&'b str> {
        let has_both = self.template.matches("%s").count() > 1;
        has_both.then(|| self.value.unwrap_or(self.reason)).into_iter().chain([path]).collect()
    }

    /// The line that the client sent, such as `GET /chairs?page=2 HTTP/1.1`, with the query
    /// [redacted](Self::redaction).
    #[must_use]
    pub fn request_line(&self) -> String {
        let query = self.query.map(|query| format!("?{}", self.redaction.apply(query)));
        format!("{} {}{} HTTP/{}", self.method, self.path, query.unwrap_or_default(), self.version.as_str())
    }

    /// The words, filled in.
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
    fn request_line_has_no_secret_of_the_query() {
        let mut answer = ResponseEvent::new(200, "OK", "GET", "/a");
        assert_eq!(answer.request_line(), "GET /a HTTP/1.1");
        (answer.query, answer.version) = (Some("q=1&token=x"), HttpVersion::Http2);
        assert_eq!(answer.request_line(), "GET /a?q=1&token=REDACTED HTTP/2");
        answer.redaction = QueryRedaction::All;
        assert_eq!(answer.request_line(), "GET /a?q=REDACTED&token=REDACTED HTTP/2");
    }

    #[test]
    fn words_are_filled_with_what_they_are_about_and_the_path() {
        let mut answer = ResponseEvent::new(404, "Not Found", "GET", "/a%s");
        assert_eq!(answer.message(), "Not Found: /a%s");
        answer.value = Some("Nope");
        assert_eq!(answer.message(), "Nope: /a%s");
        answer.template = "Forbidden (Permission denied): %s";
        assert_eq!(
            (answer.message().as_str(), answer.values("/x")),
            ("Forbidden (Permission denied): /a%s", vec!["/x"])
        );
    }
}
