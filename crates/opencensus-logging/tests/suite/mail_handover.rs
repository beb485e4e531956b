//! Mails that wait while a configuration replaces their handler, or the process ends.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opencensus_logging::Logging;
use opencensus_logging::handlers::Stream;
use opencensus_logging::mail::{Mail, MailBackend as _, MailError, MailSettings, MemoryBackend};
use serde_json::json;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::smtp::MailServer;

use super::mail_support::{impatient, logging, stats, until};

#[test]
fn waiting_mails_go_to_the_next_handler_of_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mail = impatient(silent.local_addr().unwrap()).with_spool_folder(folder.path());
    let (logging, stderr) = logging(mail.with_retry(Duration::from_secs(3600)));
    logging.get_logger("shop").error("no chairs 0");
    assert!(logging.flush(TIMEOUT));
    let configure = |name: &str| {
        let handler = json!({ "class": "mail_admins", "email_backend": "memory" });
        let configuration = json!({ "version": 1, "handlers": { name: handler }, "root": { "handlers": [name] } });
        logging.configure(&configuration).unwrap();
    };
    configure("mail_admins");
    until("the new handler mails it", || logging.outbox().mails().len() == 1);
    logging.get_logger("shop").error("no chairs 1");
    assert!(logging.shutdown(TIMEOUT));
    let mails = stats(&logging).mails;
    assert!(mails.balances() && (mails.recovered, mails.delivered) == (1, 2), "{mails:?}");
    assert!(!stderr.text().contains("lost"), "{}", stderr.text());
    drop(silent);
}

#[test]
fn waiting_mails_are_delivered_if_no_handler_of_the_name_is_left() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (logging, stderr) = logging(impatient(silent.local_addr().unwrap()));
    logging.get_logger("shop").error("no chairs");
    assert!(logging.flush(TIMEOUT));
    logging.configure(&json!({ "version": 1, "root": { "handlers": [] } })).unwrap();
    let server = MailServer::start_on(silent);
    until("it is delivered", || server.received().len() == 1);
    assert!(logging.shutdown(TIMEOUT) && !stderr.text().contains("lost"), "{}", stderr.text());
}

#[test]
fn waiting_mails_do_not_go_to_a_replaced_handler() {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let own = |name: &'static str| {
        let tried = Arc::clone(&tried);
        move |mail: &Mail| -> Result<(), MailError> {
            tried.lock().unwrap().push((name, mail.subject.clone()));
            Err(MailError::Other("closed".into()))
        }
    };
    let mail = MailSettings::default().with_retry(Duration::from_secs(3600));
    let builder = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail);
    let logging = builder.with_mail_backend("first", own("first")).with_mail_backend("second", own("second")).build();
    for backend in ["first", "second"] {
        // In the foreground the handler is dropped at once.
        let handler = json!({ "class": "mail_admins", "email_backend": backend, "background": false });
        let configuration = json!({ "version": 1, "handlers": { "m": handler }, "root": { "handlers": ["m"] } });
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").error(backend);
        assert!(logging.flush(TIMEOUT));
        logging.configure(&json!({ "version": 1, "root": { "handlers": [] } })).unwrap();
    }
    assert!(logging.shutdown(TIMEOUT));
    let mut tried = tried.lock().unwrap().clone();
    tried.sort();
    let expected = [("first", "[Django] ERROR: first"), ("second", "[Django] ERROR: second")];
    // Once at first, and once at the shutdown.
    let expected: Vec<_> =
        expected.into_iter().flat_map(|(name, subject)| vec![(name, subject.to_owned()); 2]).collect();
    assert_eq!(tried, expected);
}

#[test]
fn shutdown_also_ends_mails_without_a_handler() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (logging, stderr) = logging(impatient(closed).with_retry(Duration::from_secs(3600)));
    logging.get_logger("shop").error("no chairs");
    assert!(logging.flush(TIMEOUT));
    logging.configure(&json!({ "version": 1, "root": { "handlers": [] } })).unwrap();
    assert!(logging.shutdown(TIMEOUT));
    assert!(stderr.text().contains("mails lost: 1, left for the next process: 0; "), "{}", stderr.text());
}

#[test]
fn handler_of_logging_takes_over_mails_before_the_handler_of_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let chat = MemoryBackend::default();
    let system = |is_open: bool| {
        let (kept, default) = (chat.clone(), MemoryBackend::default());
        let own = move |mail: &Mail| if is_open { kept.send(mail) } else { Err(MailError::Other("closed".into())) };
        let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(default.clone());
        let mail = mail.with_spool_folder(folder.path());
        let builder = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail);
        let logging = builder.with_mail_backend("chat", own).build();
        let configuration = r#"
            [logging]
            version = 1
            handlers.mail_admins = { class = "mail_admins", email_backend = "chat" }
            loggers.shop = { handlers = ["mail_admins"] }
        "#;
        logging.setup_toml(configuration).unwrap();
        (logging, default)
    };
    let (first, _) = system(false);
    first.get_logger("shop").error("no chairs");
    assert!(first.shutdown(TIMEOUT));
    drop(first);
    let (second, default) = system(true);
    until("the backend of `LOGGING` receives it", || chat.mails().len() == 1);
    assert!(second.shutdown(TIMEOUT) && default.mails().is_empty());
}
