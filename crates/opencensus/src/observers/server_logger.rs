//! Logs every response.

use opencensus_core::{Observer, ResponseEvent};
use opencensus_logging::{Args, Level, Logger, Logging, Record};

use super::escape::escaped;
use super::request_logger::{request, source};

/// Logs every response to `opencensus.server`, as Django's development server does to `django.server`:
/// `"GET /chairs HTTP/1.1" 200 12`, with the length of the body in bytes, or `-` if the head does not announce it. 5xx
/// are logged as ERROR, 4xx as WARNING, others as INFO. The fields are `status_code` and `request`, with the method and the path; the formatter
/// fills in `server_time`. Query values of keys that usually hold secrets are redacted.
///
/// [`TraceSettings::server_log`](crate::settings::TraceSettings::server_log) adds it; [`RequestLogger`] has an example of
/// how to add one in code.
///
/// [`RequestLogger`]: crate::observers::RequestLogger
#[derive(Clone, Debug)]
pub struct ServerLogger {
    logger: Logger,
}

const SERVER: &str = "opencensus.server";

impl ServerLogger {
    /// Logs to the logger of this logging system.
    #[must_use]
    pub fn new(logging: &Logging) -> Self {
        Self { logger: logging.get_logger(SERVER) }
    }

    fn record(&self, level: Level, response: &ResponseEvent<'_>) -> Record {
        let mut record = self.logger.new_record(level, "\"%s\" %s %s");
        let length = response.length.map_or_else(|| "-".to_owned(), |length| length.to_string());
        let values = [escaped(response.request_line()), response.status.to_string(), length];
        record.args = Some(Args::Positional(values.into_iter().map(Into::into).collect()));
        record.set_field("request", serde_json::json!({ "method": response.method, "path": response.path }));
        record.set_field("status_code", response.status);
        record.source = source(response);
        record.request = request(response);
        record
    }
}

impl Observer for ServerLogger {
    fn is_enabled(&self) -> bool {
        self.logger.is_enabled_for(Level::ERROR)
    }

    fn observes_success(&self) -> bool {
        self.logger.is_enabled_for(Level::INFO)
    }

    fn on_response(&self, response: &ResponseEvent<'_>) {
        let level = match response.status {
            500.. => Level::ERROR,
            400.. => Level::WARNING,
            _ => Level::INFO,
        };
        if self.logger.is_enabled_for(level) {
            self.logger.handle(self.record(level, response));
        }
    }
}

#[cfg(test)]
mod tests {
    use opencensus_logging::formatters::message;

    use super::*;

    #[test]
    fn records_are_plain_ascii() {
        let logger = ServerLogger::new(&Logging::builder().build());
        let mut response = ResponseEvent::new(404, "Not Found", "GET", "/\u{1b}[31mé");
        assert_eq!(
            message(&logger.record(Level::WARNING, &response)).unwrap(),
            r#""GET /\x1b[31m\xe9 HTTP/1.1" 404 -"#
        );
        response.length = Some(7);
        assert!(message(&logger.record(Level::WARNING, &response)).unwrap().ends_with(" 404 7"));
    }
}
