//! Mails that wait for the mail server, and their counts.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use opencensus_logging::mail::{Mail, MailBackend as _, MailError, MailSettings, MemoryBackend};
use opencensus_logging::{Level, Logging, LoggingBuilder};
use serde_json::json;

use super::mail_support::{by_smtp, impatient, logging, stats, until};
use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::smtp::{MailServer, ReceivedMail};

fn subjects(server: &MailServer) -> Vec<String> {
    let subject =
        |mail: &ReceivedMail| MessageParser::default().parse(&mail.data).unwrap().subject().unwrap().to_owned();
    server.received().iter().map(subject).collect()
}

fn sorted(mut subjects: Vec<String>) -> Vec<String> {
    subjects.sort();
    subjects
}

#[test]
fn mails_wait_for_a_server_that_hangs_and_are_delivered_once() {
    // It accepts connections and never responds.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (logging, stderr) = logging(impatient(silent.local_addr().unwrap()));
    for n in 0..5 {
        logging.get_logger("shop").error(format!("no chairs {n}"));
    }
    assert!(logging.flush(TIMEOUT), "a flush waits for one attempt, not for the server");
    until("the handler reports that the server does not respond", || {
        stderr.text().contains("mails wait, and are tried again every 20ms")
    });
    assert_eq!((stats(&logging).mails.waiting, stats(&logging).lost()), (5, 0));
    let server = MailServer::start_on(silent);
    until("they are delivered", || stats(&logging).mails.waiting == 0);
    logging.get_logger("shop").error("no chairs 5");
    assert!(logging.shutdown(TIMEOUT));
    let expected: Vec<_> = (0..6).map(|n| format!("[Django] ERROR: no chairs {n}")).collect();
    assert_eq!(sorted(subjects(&server)), expected);
    let mails = stats(&logging).mails;
    assert!(mails.balances() && mails.delivered == 6 && stats(&logging).lost() == 0, "{mails:?}");
    assert_eq!(stderr.text().matches("mails wait").count(), 1, "{}", stderr.text());
}

#[test]
fn mails_in_a_folder_survive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (first, stderr) = logging(impatient(closed).with_spool_folder(folder.path().join("spool")));
    (0..3).for_each(|n| first.get_logger("shop").error(format!("no chairs {n}")));
    assert!(first.shutdown(TIMEOUT));
    let mails = stats(&first).mails;
    assert!(mails.balances() && (mails.stored, mails.lost) == (3, 0), "{mails:?} {}", stderr.text());
    assert!(stderr.text().contains("mails lost: 0, left for the next process: 3; "), "{}", stderr.text());
    drop(first);
    std::fs::write(folder.path().join("spool/mail_admins/torn.mail"), "{").unwrap();

    let server = MailServer::start();
    let (second, _) = logging(impatient(server.address).with_spool_folder(folder.path().join("spool")));
    until("they are delivered", || server.received().len() == 3);
    assert!(second.shutdown(TIMEOUT));
    assert_eq!(sorted(subjects(&server)), [0, 1, 2].map(|n| format!("[Django] ERROR: no chairs {n}")));
    assert_eq!(std::fs::read_dir(folder.path().join("spool/mail_admins")).unwrap().count(), 1, "the torn one stays");
    let mails = stats(&second).mails;
    assert_eq!(mails.refused_files, 1);
    assert!(mails.balances() && (mails.recovered, mails.delivered) == (3, 3), "{mails:?}");
}

#[test]
fn mails_without_room_or_without_a_server_until_the_end_are_counted() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = impatient(closed);
    settings.spool_size = 2;
    let (logging, stderr) = logging(settings);
    (0..5).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    assert!(logging.flush(TIMEOUT));
    assert_eq!((stats(&logging).mails.waiting, stats(&logging).full), (2, 3));
    assert!(logging.shutdown(TIMEOUT));
    let end = stats(&logging);
    assert_eq!((end.mails.waiting, end.mails.lost, end.full, end.lost()), (0, 2, 3, 5), "{}", stderr.text());
    assert!(stderr.text().contains("mails lost: 2, left for the next process: 0; "), "{}", stderr.text());
}

#[test]
fn summary_finds_room_when_a_mail_does_not() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = impatient(closed).with_admins(["ann@shop.example"]);
    settings.spool_size = 1;
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(settings).build();
    logging
        .configure_toml("version = 1\nhandlers.mail_admins.class = \"mail_admins\"\nroot.handlers = [\"mail_admins\"]")
        .unwrap();
    (0..3).for_each(|_| logging.get_logger("shop").error("no chairs"));
    assert!(logging.flush(TIMEOUT) && logging.shutdown(TIMEOUT));
    let mails = stats(&logging).mails;
    assert!(mails.balances() && (mails.accepted, mails.lost) == (2, 2), "{mails:?} {}", stderr.text());
    assert!(!stderr.text().contains("could not be mailed"), "{}", stderr.text());
}

#[test]
fn records_whose_summary_finds_no_room_are_counted() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = impatient(closed).with_admins(["ann@shop.example"]);
    settings.spool_size = 1;
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(settings).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": { "class": "mail_admins", "window": 1 } },
        "root": { "handlers": ["mail_admins"] },
    });
    logging.configure(&configuration).unwrap();
    let logger = logging.get_logger("shop");
    (0..2).for_each(|_| logger.error("no chairs"));
    until("a mail and a summary wait", || stats(&logging).mails.waiting == 2);
    // In another window neither the mail nor the summary finds room.
    (0..3).for_each(|_| logger.error("no chairs"));
    assert!(logging.flush(TIMEOUT) && logging.shutdown(TIMEOUT));
    let stats = stats(&logging);
    assert!(stats.mails.balances(), "{stats:?}");
    assert_eq!((stats.full, stats.mails.unsummarized, stats.lost()), (1, 2, 1 + 2 + 2), "{stats:?} {}", stderr.text());
}

#[test]
fn mail_that_a_server_rejects_permanently_is_lost_and_reported_and_others_are_sent() {
    let server = MailServer::start();
    server.refuse("nobody@shop.example");
    let mail = by_smtp(server.address);
    let stderr = Captured::default();
    let mail = mail.with_admins(["ann@shop.example"]).with_managers(["nobody@shop.example"]);
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).build();
    let handler = |recipients: &str| json!({ "class": "mail_admins", "recipients": recipients });
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": handler("admins"), "mail_managers": handler("managers") },
        "root": { "handlers": ["mail_admins", "mail_managers"] },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("shop").error("no chairs");
    assert!(logging.shutdown(TIMEOUT));
    let handlers = logging.stats().handlers;
    assert_eq!((handlers["mail_admins"].mails.delivered, handlers["mail_managers"].mails.lost), (1, 1));
    assert!(stderr.text().contains("a mail is lost: mail server error: "), "{}", stderr.text());
}

#[test]
fn custom_backend_receives_mails_without_recipients_and_is_tried_again() {
    let (kept, failures) = (MemoryBackend::default(), AtomicU32::new(2));
    let outbox = kept.clone();
    let own = move |mail: &Mail| -> Result<(), MailError> {
        if failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(MailError::Other("the chat is closed".into()));
        }
        outbox.send(mail)
    };
    let stderr = Captured::default();
    let mail = MailSettings::default().with_retry(Duration::from_millis(10));
    let builder =
        Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).with_mail_backend("chat", own);
    let logging = builder.build();
    let handler = |backend: &str| json!({ "class": "mail_admins", "email_backend": backend });
    let configuration = json!({
        "version": 1,
        "handlers": { "chat": handler("chat"), "memory": handler("memory") },
        "root": { "handlers": ["chat", "memory"] },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("shop").error("no chairs");
    until("the chat opens", || kept.mails().len() == 1);
    assert!(logging.shutdown(TIMEOUT));
    let mail = kept.mails().remove(0);
    assert_eq!((&*mail.subject, mail.to), ("[Django] ERROR: no chairs", Vec::new()));
    assert!(
        stderr.text().contains("mails wait, and are tried again every 10ms: the chat is closed"),
        "{}",
        stderr.text()
    );
}

/// A backend that accepts all mails but one, which it rejects temporarily.
fn all_but_poison(kept: &MemoryBackend) -> impl Fn(&Mail) -> Result<(), MailError> + use<> {
    let kept = kept.clone();
    move |mail| match mail.subject.contains("poison") {
        true => Err(MailError::Other("not now".into())),
        false => kept.send(mail),
    }
}

/// A system whose root has two mail handlers with these backends.
fn with_two_handlers(builder: LoggingBuilder, backends: [&str; 2]) -> Logging {
    let logging = builder.build();
    let handler = |backend: &str| json!({ "class": "mail_admins", "email_backend": backend, "throttle": false });
    let configuration = json!({
        "version": 1,
        "handlers": { "one": handler(backends[0]), "other": handler(backends[1]) },
        "root": { "handlers": ["one", "other"] },
    });
    logging.configure(&configuration).unwrap();
    logging
}

#[test]
fn backend_that_panics_loses_only_that_mail() {
    let stderr = Captured::default();
    let calls = AtomicU32::new(0);
    let own = move |_: &Mail| -> Result<(), MailError> {
        assert!(calls.fetch_add(1, Ordering::SeqCst) > 0, "the backend is broken");
        Ok(())
    };
    let builder = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail_backend("own", own);
    let logging = with_two_handlers(builder, ["own", "dummy"]);
    (0..3).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    assert!(logging.flush(TIMEOUT));
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.delivered, mails.lost) == (2, 1), "{mails:?}");
    assert!(logging.shutdown(TIMEOUT) && stderr.text().contains("a mail is lost: refused: the backend panicked"));
}

#[test]
fn undeliverable_mail_does_not_delay_others() {
    let kept = MemoryBackend::default();
    let mail = MailSettings::default().with_retry(Duration::from_millis(10));
    let builder = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail);
    let logging = with_two_handlers(builder.with_mail_backend("own", all_but_poison(&kept)), ["own", "dummy"]);
    logging.get_logger("shop").error("poison");
    (0..20).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    until("the other mails are delivered", || kept.mails().len() == 20);
    logging.shutdown(TIMEOUT);
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.delivered, mails.lost) == (20, 1), "{mails:?}");
}

#[test]
fn rejected_recipient_does_not_keep_the_mail_from_the_others() {
    for spool in [true, false] {
        let server = MailServer::start();
        server.refuse("gone@shop.example");
        let mail = by_smtp(server.address).with_admins(["ann@shop.example", "gone@shop.example", "bob@shop.example"]);
        let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail).build();
        let configuration = json!({
            "version": 1,
            "handlers": { "mail_admins": { "class": "mail_admins", "spool": spool } },
            "root": { "handlers": ["mail_admins"] },
        });
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").error("no chairs");
        assert!(logging.shutdown(TIMEOUT));
        let to: Vec<_> = server.received().iter().map(|mail| mail.to.clone()).collect();
        assert_eq!(to, [["ann@shop.example"], ["bob@shop.example"]], "{spool}");
        let stats = stats(&logging);
        assert!(stats.mails.balances() && stats.lost() == u64::from(spool), "{stats:?}");
    }
}

#[test]
fn shutdown_tries_every_mail_although_others_fail() {
    let mail = MailSettings::default().with_retry(Duration::from_secs(3600));
    let builder = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail);
    let own = all_but_poison(&MemoryBackend::default());
    let logging = with_two_handlers(builder.with_mail_backend("own", own), ["own", "dummy"]);
    logging.get_logger("shop").error("poison");
    assert!(logging.flush(TIMEOUT));
    (0..6).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    assert!(logging.shutdown(TIMEOUT));
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.delivered, mails.lost) == (6, 1), "{mails:?}");
}

#[test]
fn custom_backend_is_called_once_for_all_recipients() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let own = move |_: &Mail| {
        counted.fetch_add(1, Ordering::SeqCst);
        Err(MailError::Refused("rejected".into()))
    };
    let mail = MailSettings::default().with_admins(["ann@shop.example", "bob@shop.example"]);
    let builder = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail);
    let logging = with_two_handlers(builder.with_mail_backend("own", own), ["own", "dummy"]);
    logging.get_logger("shop").error("no chairs");
    assert!(logging.shutdown(TIMEOUT));
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.lost, calls.load(Ordering::SeqCst)) == (1, 1), "{mails:?}");
}

#[test]
fn shutdown_keeps_its_deadline_with_mails_of_an_earlier_process() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (first, _) = logging(impatient(closed).with_spool_folder(folder.path()));
    first.get_logger("shop").error("no chairs");
    assert!(first.shutdown(TIMEOUT));
    drop(first);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let patient = by_smtp(silent.local_addr().unwrap()).with_spool_folder(folder.path());
    let (second, _) = logging(patient);
    let begun = Instant::now();
    assert!(!second.shutdown(Duration::from_millis(50)), "the mail is still on its way");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(stats(&second).mails.recovered, 1);
}

#[test]
fn time_between_attempts_is_bounded() {
    for retry in [Duration::ZERO, Duration::MAX] {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (logging, stderr) = logging(impatient(closed).with_retry(retry));
        logging.get_logger("shop").error("no chairs");
        assert!(logging.flush(TIMEOUT) && logging.shutdown(TIMEOUT), "{}", stderr.text());
        let bound = if retry.is_zero() { "every 10ms" } else { "every 86400s" };
        assert!(stderr.text().contains(bound), "{}", stderr.text());
    }
}

#[test]
fn without_spool_a_mail_is_sent_at_once_and_given_up() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stderr = Captured::default();
    let mail = by_smtp(closed).with_admins(["ann@shop.example"]);
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).with_mail(mail).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": { "class": "mail_admins", "spool": false, "throttle": false } },
        "root": { "handlers": ["mail_admins"] },
    });
    logging.configure(&configuration).unwrap();
    (0..3).for_each(|_| logging.get_logger("shop").error("no chairs"));
    assert!(logging.flush(TIMEOUT));
    assert_eq!((stats(&logging).failed, stats(&logging).mails.waiting), (3, 0));
    assert_eq!(stderr.text().matches("'mail_admins' lost a record").count(), 1, "{}", stderr.text());
}

#[test]
fn many_errors_are_few_mails_and_a_summary_with_exact_counts() {
    let outbox = MemoryBackend::default();
    let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": { "class": "mail_admins", "level": "ERROR", "window": 5, "cap": 3 } },
        "root": { "handlers": ["mail_admins"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    let logger = logging.get_logger("shop");
    for n in 0..10_000 {
        logger.at(Level::ERROR).args([n]).log("order %s failed");
        if n % 1000 == 0 {
            logger.error(format!("another kind, {n}"));
            // At most as many as its queue holds.
            assert!(logging.flush(TIMEOUT));
        }
    }
    assert!(logging.flush(TIMEOUT));
    let subjects = || outbox.mails().iter().map(|mail| mail.subject.clone()).collect::<Vec<_>>();
    let singles = subjects();
    let expected = ["order 0 failed", "another kind, 0"].map(|text| format!("[Django] ERROR: {text}"));
    assert_eq!(singles, expected);
    let deadline = Instant::now() + TIMEOUT;
    while outbox.mails().len() == singles.len() {
        assert!(Instant::now() < deadline, "a summary is mailed at the end of the window");
        std::thread::sleep(Duration::from_millis(5));
    }
    let summary = outbox.mails().remove(2);
    assert_eq!(summary.subject, "[Django] 10008 more records were not mailed one by one");
    let kinds = "9999 x ERROR shop: order %s failed\n9 x ERROR shop: another kind, 0\n";
    assert_eq!(summary.text, kinds, "the words of a message make no kind");
    // Records that are suppressed until the shutdown are summarized then.
    (0..2).for_each(|_| logger.error("one"));
    assert!(logging.shutdown(TIMEOUT));
    let last = outbox.mails().last().unwrap().clone();
    assert_eq!((outbox.mails().len(), last.text.as_str()), (5, "1 x ERROR shop: one\n"));
}
