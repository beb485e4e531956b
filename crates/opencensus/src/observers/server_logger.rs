//! A line for every answer.

use opencensus_core::{Observer, ResponseEvent};
use opencensus_logging::{Args, Level, Logger, Logging, Record};

use super::escape::escaped;

/// Tells every answer to the logger `opencensus.server`, as Django's development server tells `django.server`:
/// `"GET /chairs HTTP/1.1" 200 12` with the length of the body, or `-` where it is not known before. 5xx are errors, 4xx
/// warnings, others INFO; fields are `status_code` and `request`, with the method and the path; `server_time` is the
/// formatter's to fill in. Values of a query whose keys usually hold secrets are not told.
///
/// [`TraceSettings::server_log`](crate::settings::TraceSettings::server_log) adds it.
#[derive(Clone, Debug)]
pub struct ServerLogger {
    logger: Logger,
}

const SERVER: &str = "opencensus.server";

impl ServerLogger {
    /// To the logger of this system.
    #[must_use]
    pub fn new(logging: &Logging) -> Self {
        Self { logger: logging.get_logger(SERVER) }
    }

    fn record(&self, level: Level, answer: &ResponseEvent<'_>) -> Record {
        let mut record = self.logger.new_record(level, "\"%s\" %s %s");
        let length = answer.length.map_or_else(|| "-".to_owned(), |length| length.to_string());
        let values = [escaped(answer.request_line()), answer.status.to_string(), length];
        record.args = Some(Args::Positional(values.into_iter().map(Into::into).collect()));
        record.set_field("request", serde_json::json!({ "method": answer.method, "path": answer.path }));
        record.set_field("status_code", answer.status);
        record
    }
}

impl Observer for ServerLogger {
    fn is_interested(&self) -> bool {
        self.logger.is_enabled_for(Level::ERROR)
    }

    fn observes_success(&self) -> bool {
        self.logger.is_enabled_for(Level::INFO)
    }

    fn answered(&self, answer: &ResponseEvent<'_>) {
        let level = match answer.status {
            500.. => Level::ERROR,
            400.. => Level::WARNING,
            _ => Level::INFO,
        };
        if self.logger.is_enabled_for(level) {
            self.logger.handle(self.record(level, answer));
        }
    }
}

#[cfg(test)]
mod tests {
    use opencensus_logging::formatters::message;

    use super::*;

    #[test]
    fn lines_are_plain_ascii() {
        let logger = ServerLogger::new(&Logging::builder().build());
        let mut answer = ResponseEvent::new(404, "Not Found", "GET", "/\u{1b}[31mé");
        assert_eq!(message(&logger.record(Level::WARNING, &answer)).unwrap(), r#""GET /\x1b[31m\xe9 HTTP/1.1" 404 -"#);
        answer.length = Some(7);
        assert!(message(&logger.record(Level::WARNING, &answer)).unwrap().ends_with(" 404 7"));
    }
}
