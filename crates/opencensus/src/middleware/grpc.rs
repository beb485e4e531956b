//! Reads the status of a gRPC call, whose HTTP status is 200 whatever its outcome.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use opencensus_core::request::percent_decode;
use opencensus_core::{Attribute, GrpcStatus, Outcome, RequestSpan, SpanStatus};

use crate::middleware::grpc_web::WebTrailers;
use crate::middleware::request_error::{ERROR_MESSAGE, RequestError};
use crate::middleware::response_end::ResponseHead;

/// The message of a call that ended without a status, which is a protocol error.
const NO_STATUS: &str = "the response ended without `grpc-status`";

/// A gRPC call whose response has begun.
#[derive(Debug)]
pub(crate) struct GrpcCall {
    // `None`: the status is in the trailers or in the head.
    web: Option<WebTrailers>,
    status: Option<GrpcStatus>,
    message: String,
    // The handler's error, if the framework hands it over.
    error: Option<Arc<dyn Error + Send + Sync>>,
    /// The observers have not received the response, because its status follows.
    pub(crate) is_unreported: bool,
}

impl GrpcCall {
    /// The call that the response with this head belongs to. A response without a body has its status in the head.
    pub(crate) fn of(head: &impl ResponseHead) -> Option<Box<Self>> {
        let kind = head.header("content-type")?.strip_prefix(b"application/grpc")?;
        let web = kind.strip_prefix(b"-web").map(|kind| WebTrailers::new(kind.starts_with(b"-text")));
        let mut call =
            Self { web, status: None, message: String::new(), error: head.grpc_error(), is_unreported: false };
        call.read_status(|name| head.header(name));
        Some(Box::new(call))
    }

    /// The status, if it has arrived.
    pub(crate) fn status(&self) -> Option<GrpcStatus> {
        self.status
    }

    /// The code's name and the message, as in `INTERNAL (out of stock)`.
    pub(crate) fn reason(&self) -> Cow<'static, str> {
        let name = self.status.unwrap_or(GrpcStatus::UNKNOWN).name();
        if self.message.is_empty() { name.into() } else { format!("{name} ({})", self.message).into() }
    }

    /// The error of a call that failed through the server's fault: the code's name, the message, and the causes of the
    /// handler's error.
    pub(crate) fn error(&self) -> Option<RequestError<'_>> {
        let status = self.status.filter(|status| status.http_status() >= 500)?;
        let message = if self.message.is_empty() { status.name() } else { &self.message };
        let error = self.error.as_deref().map(|error| error as &(dyn Error + 'static));
        Some(RequestError::new(Some(status.name().into()), message).with_error(error))
    }

    /// Reads the status from trailers or from a head. A malformed one counts as `UNKNOWN`, as for gRPC's clients.
    pub(crate) fn read_status<'a>(&mut self, header: impl Fn(&'static str) -> Option<&'a [u8]>) {
        let Some(code) = header("grpc-status") else { return };
        let code = std::str::from_utf8(code).ok().and_then(|code| code.trim().parse().ok());
        self.status = Some(code.map_or(GrpcStatus::UNKNOWN, GrpcStatus::new));
        let message = header("grpc-message").map(String::from_utf8_lossy).unwrap_or_default();
        self.message = String::from_utf8_lossy(&percent_decode(message.trim())).into_owned();
    }

    /// Whether the body has the status.
    pub(crate) fn needs_data(&self) -> bool {
        self.web.is_some()
    }

    /// Reads a part of the body.
    pub(crate) fn read_data(&mut self, data: &[u8]) {
        if let Some(web) = &mut self.web {
            web.read(data);
        }
    }

    /// Completes the status at the response's end. `http_status`: that of the response's head.
    pub(crate) fn end(&mut self, http_status: Option<u16>, outcome: &Outcome) {
        if let Some(web) = self.web.take() {
            let trailers = web.into_trailers();
            self.read_status(|name| trailers.get(name));
        }
        let is_protocol_error = *outcome == Outcome::Completed && http_status.is_some_and(|status| status < 400);
        if self.status.is_none() && is_protocol_error {
            self.status = Some(GrpcStatus::UNKNOWN);
            NO_STATUS.clone_into(&mut self.message);
        }
    }

    /// Records the status. Codes that are the server's fault make an error of the span (OpenTelemetry's RPC
    /// conventions), with the message.
    pub(crate) fn record(&self, span: &RequestSpan) {
        let Some(status) = self.status else { return };
        span.set_grpc_status(status);
        if status.http_status() >= 500 {
            span.set_span_status(SpanStatus::Error(self.message.clone().into()));
        } else if !self.message.is_empty() && status != GrpcStatus::OK {
            span.set_attribute(Attribute::new(ERROR_MESSAGE, self.message.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: &'static str, message: &'static str) -> GrpcCall {
        let mut call = GrpcCall { web: None, status: None, message: String::new(), error: None, is_unreported: false };
        call.read_status(|name| Some(if name == "grpc-status" { status } else { message }.as_bytes()));
        call
    }

    #[test]
    fn message_is_percent_decoded_and_malformed_escapes_stay() {
        for (sent, expected) in [
            ("out%20of stock", "out of stock"),
            ("%C3%A4", "\u{e4}"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%FF", "\u{FFFD}"),
        ] {
            assert_eq!(read("13", sent).message, expected, "{sent}");
        }
    }

    #[test]
    fn status_that_is_no_code_is_unknown() {
        for (sent, code) in [("0", 0), (" 5 ", 5), ("x", 2), ("", 2), ("99999999999", 2)] {
            assert_eq!(read(sent, "").status().unwrap().code(), code, "{sent:?}");
        }
    }

    #[test]
    fn call_that_completed_without_a_status_is_unknown() {
        let ended = |http_status, outcome: Outcome| {
            let mut call =
                GrpcCall { web: None, status: None, message: String::new(), error: None, is_unreported: false };
            call.end(Some(http_status), &outcome);
            call.status()
        };
        assert_eq!(ended(200, Outcome::Completed), Some(GrpcStatus::UNKNOWN));
        assert_eq!(ended(503, Outcome::Completed), None, "the HTTP status decides");
        assert_eq!(ended(200, Outcome::Aborted), None, "the outcome decides");
    }
}
