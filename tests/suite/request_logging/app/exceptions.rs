//! The exceptions that the view `/raise/` raises, as a handler in Rust returns them.

use std::error::Error;

use opencensus::{Failure, SuspiciousOperation};
use serde_json::json;

use test_support::exception::Exception;

/// The names that the view knows.
pub(in crate::request_logging) const RAISES: [&str; 31] = [
    "BadRequest",
    "CustomPermission",
    "CustomSuspicious",
    "DisallowedHost",
    "DisallowedModelAdminLookup",
    "DisallowedModelAdminToField",
    "DisallowedRedirect",
    "Http404",
    "HttpLikeError",
    "ImproperlyConfigured",
    "InvalidSessionKey",
    "KeyError",
    "MultiPartParserError",
    "ObjectDoesNotExist",
    "OperationalError",
    "PermissionDenied",
    "RawPostDataException",
    "RecursionError",
    "RequestAborted",
    "RequestDataTooBig",
    "SessionInterrupted",
    "SuspiciousFileOperation",
    "SuspiciousMultipartForm",
    "SuspiciousOperation",
    "SuspiciousSession",
    "TimeoutError",
    "TooManyFieldsSent",
    "TooManyFilesSent",
    "UnreadablePostError",
    "ValidationError",
    "ValueError",
];

pub(in crate::request_logging) const SUSPICIOUS: [&str; 13] = [
    "CustomSuspicious",
    "DisallowedHost",
    "DisallowedModelAdminLookup",
    "DisallowedModelAdminToField",
    "DisallowedRedirect",
    "InvalidSessionKey",
    "RequestDataTooBig",
    "SuspiciousFileOperation",
    "SuspiciousMultipartForm",
    "SuspiciousOperation",
    "SuspiciousSession",
    "TooManyFieldsSent",
    "TooManyFilesSent",
];

/// An error whose type is erased, so that loggers show the name of the exception.
pub(super) type Raised = Box<dyn Error + Send + Sync>;

pub(super) fn exception(type_name: &str, message: &str) -> Raised {
    Box::new(Exception::from_vector(&json!({ "type": type_name, "message": message })))
}

pub(super) fn value_error(message: &str) -> Failure {
    exception("ValueError", message).into()
}

pub(super) fn suspicious(kind: &str, message: impl Into<String>) -> Failure {
    SuspiciousOperation::new(kind.to_owned(), message.into()).into()
}

/// Converts an exception of Django to what a handler in Rust returns in the same case.
pub(super) fn raised(name: &str, message: Option<&str>) -> Failure {
    let text = message.unwrap_or_default();
    let error = match (name, message) {
        ("ValidationError", None) => {
            return exception(
                "TypeError",
                "ValidationError.__init__() missing 1 required positional argument: 'message'",
            )
            .into();
        }
        // Django's exception keeps a list of messages.
        ("ValidationError", Some(text)) => exception(name, &format!("[{}]", quoted(text))),
        _ => exception(name, text),
    };
    match name {
        "Http404" => Failure::not_found(),
        "PermissionDenied" | "CustomPermission" => Failure::permission_denied(error),
        "BadRequest" | "SessionInterrupted" => Failure::bad_request(error),
        "MultiPartParserError" => Failure::unreadable_body(error),
        name if SUSPICIOUS.contains(&name) => suspicious(name, text),
        _ => error.into(),
    }
}

/// A text as Python's `repr` shows it.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    let escaped = if quote == '\'' { escaped.replace('\'', "\\'") } else { escaped };
    format!("{quote}{escaped}{quote}")
}
