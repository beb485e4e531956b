//! Logging systems with a mail handler, for several modules.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use opencensus_logging::Logging;
use opencensus_logging::handlers::{HandlerStats, Stream};
use opencensus_logging::mail::{MailSettings, SmtpServer};
use serde_json::json;
use test_support::TIMEOUT;
use test_support::captured::Captured;

/// A system whose root has a mail handler, and its standard error.
pub(super) fn logging(mail: MailSettings) -> (Logging, Captured) {
    let stderr = Captured::default();
    let mail = mail.with_admins(["ann@shop.example", "Bob <bob@shop.example>"]);
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": { "class": "mail_admins", "level": "ERROR", "include_html": true, "throttle": false } },
        "root": { "handlers": ["mail_admins"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

/// Mail settings with this server.
pub(super) fn by_smtp(address: SocketAddr) -> MailSettings {
    let host = address.ip().to_string();
    let server = SmtpServer::new(host).with_port(address.port()).with_timeout(Duration::from_secs(20));
    MailSettings::default().with_smtp(&server).unwrap()
}

/// Counts of the mail handler.
pub(super) fn stats(logging: &Logging) -> HandlerStats {
    logging.stats().handlers["mail_admins"]
}

/// Waits until the condition is true.
pub(super) fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !is_true() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Mail settings with this server, short timeouts and short pauses.
pub(super) fn impatient(address: SocketAddr) -> MailSettings {
    let server = SmtpServer::new(address.ip().to_string()).with_port(address.port());
    let server = server.with_timeout(Duration::from_millis(100));
    MailSettings::default().with_smtp(&server).unwrap().with_retry(Duration::from_millis(20))
}
