//! Logs responses with status 400 and above.

use std::borrow::Cow;
use std::sync::Arc;

use opencensus_core::exporter::BoxError;
use opencensus_core::request::percent_decode;
use opencensus_core::{Observer, ResponseEvent};
use opencensus_logging::{DeferredReport, LoggedError, Logger, Logging, Record, Source};

use super::escape::escaped;

/// Logs responses to `opencensus.request` (5xx as ERROR, 4xx as WARNING) and suspicious requests to
/// `opencensus.security.<Kind>` (as ERROR; `csrf` as WARNING), with Django's messages and fields: `status_code`, and
/// `request` with the method and the path. The place of a record is the handler's route: `pathname` is `/users/{id}`.
/// If errors are mailed to administrators (feature `mail`), or code of the program
/// [reads requests](Logging::reads_requests), the record carries
/// the whole request for them ([`Record::request`]); the built-in formatters do not show it.
///
/// [`Settings::with_logging`](crate::Settings::with_logging) adds it.
///
/// # Examples
///
/// For the loggers of a second logging system:
///
/// ```
/// use opencensus::Settings;
/// use opencensus::logging::Logging;
/// use opencensus::observers::RequestLogger;
/// use opencensus::settings::CustomObserver;
///
/// let audit = Logging::builder().build();
/// let mut settings = Settings::default();
/// settings.trace.observers.push(CustomObserver::new(RequestLogger::new(&audit)));
/// ```
#[derive(Clone, Debug)]
pub struct RequestLogger {
    logging: Logging,
    request: Logger,
}

const REQUEST: &str = "opencensus.request";
const SECURITY: &str = "opencensus.security.";
/// The place of a record about a request that no route matched.
const NO_ROUTE: &str = "(no route)";

impl RequestLogger {
    /// Logs to the loggers of this logging system.
    #[must_use]
    pub fn new(logging: &Logging) -> Self {
        Self { logging: logging.clone(), request: logging.get_logger(REQUEST) }
    }

    fn record(&self, response: &ResponseEvent<'_>) -> Option<(Logger, Record)> {
        use opencensus_logging::{Args, Level};
        let logger = match response.suspicion {
            Some(kind) => self.logging.get_logger(&format!("{SECURITY}{kind}")),
            None => self.request.clone(),
        };
        let level = if response.is_error() { Level::ERROR } else { Level::WARNING };
        if !logger.is_enabled_for(level) {
            return None;
        }
        let message = response.cause.filter(|_| response.suspicion.is_some());
        let mut record = match message {
            Some(cause) => logger.new_record(level, cause.to_string()),
            None => {
                let path = decoded(response.path);
                let mut record = logger.new_record(level, response.template);
                let values = response.values(&path).into_iter().map(escaped);
                record.args = Some(Args::Positional(values.map(Into::into).collect()));
                record
            }
        };
        record.source = source(response);
        record.error = error(response);
        record.set_field("status_code", response.status);
        record.set_field("request", serde_json::json!({ "method": response.method, "path": response.path }));
        record.request = request(response);
        Some((logger, record))
    }
}

impl Observer for RequestLogger {
    fn needs_details(&self) -> bool {
        #[cfg(feature = "mail")]
        let mails_reports = self.logging.mails_reports();
        #[cfg(not(feature = "mail"))]
        let mails_reports = false;
        mails_reports || self.logging.reads_requests()
    }

    fn observes_body_failures(&self) -> bool {
        true
    }

    fn on_response(&self, response: &ResponseEvent<'_>) {
        if let Some((logger, record)) = self.record(response) {
            logger.handle(record);
        }
    }

    fn on_body_failure(&self, failure: &ResponseEvent<'_>) {
        self.on_response(failure);
    }
}

/// The request that a response belongs to, if code may read it.
pub(super) fn request(response: &ResponseEvent<'_>) -> Option<Arc<DeferredReport>> {
    let details = response.details?;
    Some(Arc::new(super::mail_report::deferred(response, details)))
}

/// The place of a record about a response: the route of its handler, as a path without a line.
pub(super) fn source(response: &ResponseEvent<'_>) -> Source {
    let route = response.route.map_or(NO_ROUTE.into(), |route| Cow::Owned(route.to_owned()));
    Source::new(route, 0, None)
}

/// The handler's error, or the failure of the service.
fn error(response: &ResponseEvent<'_>) -> Option<LoggedError> {
    let cause = response.cause.map(|cause| LoggedError::erased(Arc::clone(cause)));
    let error = cause.or_else(|| response.error.map(|text| LoggedError::erased(BoxError::from(text))))?;
    let error = error.with_exported(response.has_exception);
    // A text as an error has no type of its own, as a panic has none.
    Some(match response.error_type {
        Some(type_name) => error.with_type_name(type_name.to_owned()),
        None => error,
    })
}

/// The path, percent-decoded.
fn decoded(path: &str) -> String {
    String::from_utf8_lossy(&percent_decode(path)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_logged_decoded_and_in_ascii() {
        for (path, expected) in [
            ("/a%20b/%C3%A9/", "/a b/\\xe9/"),
            ("/a%0Ab", "/a\\nb"),
            ("/%", "/%"),
            ("/%4", "/%4"),
            ("/100%zz", "/100%zz"),
            ("/a%+5b", "/a%+5b"),
            ("/%F0%9F%99%82\\", "/\\U0001f642\\\\"),
        ] {
            assert_eq!(escaped(decoded(path)), expected);
        }
    }
}
