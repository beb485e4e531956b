//! Mail over the wire: what strangers say does no harm there, and secrets stay at home.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mail_parser::{MessageParser, MimeHeaders as _};
use opencensus_logging::handlers::HandlerStats;
use opencensus_logging::mail::{
    Mail, MailBackend as _, MailError, MailSettings, MemoryBackend, SmtpSecurity, SmtpServer,
};
use opencensus_logging::{Level, Logging, LoggingBuilder, Trace};
use serde_json::{Value, json};

use super::evil_strings::text;
use super::python::Captured;
use crate::support::aiosmtpd::{AioSmtpd, python};
use crate::support::smtp::{MailServer, Received};
use crate::support::vectors::{self, Row};
use crate::support::{SOON, authority};

fn logging(mail: MailSettings) -> (Logging, Captured) {
    let stderr = Captured::default();
    let mail = mail.with_admins(["ann@shop.example", "Bob <bob@shop.example>"]);
    let logging = Logging::builder().with_stderr(stderr.stream()).with_mail(mail).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": { "class": "mail_admins", "level": "ERROR", "include_html": true, "throttle": false } },
        "root": { "handlers": ["mail_admins"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

fn by_smtp(address: SocketAddr) -> MailSettings {
    let host = address.ip().to_string();
    let server = SmtpServer::new(host).with_port(address.port()).with_timeout(Duration::from_secs(20));
    MailSettings::default().with_smtp(&server).unwrap()
}

/// A record with this text wherever a stranger can put one.
fn say(logging: &Logging, text: &str) {
    let request = json!({
        "method": text,
        "path": text,
        "url": format!("http://{text}/{text}?{text}"),
        "remote_addr": text,
        "user": text,
        "get": { text: text },
        "post": { text: text },
        "cookies": { text: text },
        "meta": { text: text },
    });
    let error = std::io::Error::other(text.to_owned());
    logging.get_logger("shop").at(Level::ERROR).field("request", request).error(error).log(text.to_owned());
}

const HEADERS: [&str; 9] = [
    "from",
    "subject",
    "message-id",
    "to",
    "mime-version",
    "date",
    "content-type",
    "content-transfer-encoding",
    "user-agent",
];

#[test]
fn no_text_of_strangers_becomes_a_header_a_command_or_markup() {
    let server = MailServer::start();
    let (logging, stderr) = logging(by_smtp(server.address));
    let corpus = vectors::read("corpora/evil_strings.json");
    vectors::run_rows("corpora/evil_strings.json (mail)", corpus["cases"].as_array().unwrap(), "id", |case: &Value| {
        let before = server.received().len();
        say(&logging, &text(case));
        assert!(logging.flush(SOON), "{}", stderr.text());
        let received = server.received();
        let [mail] = &received[before..] else {
            return Row::Failed(format!("{} mails; {}", received.len() - before, stderr.text()));
        };
        if mail.from != "root@localhost" || mail.to != ["ann@shop.example", "bob@shop.example"] {
            return Row::Failed(format!("from {} to {:?}", mail.from, mail.to));
        }
        let Some(parsed) = MessageParser::default().parse(&mail.data) else { return Row::Failed("no mail".to_owned()) };
        let headers: Vec<_> = parsed.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect();
        if headers.iter().filter(|name| *name == "subject").count() != 1
            || headers.iter().any(|name| !HEADERS.contains(&name.as_str()))
        {
            return Row::Failed(format!("headers {headers:?}"));
        }
        let html = parsed.body_html(0).unwrap_or_default();
        let own =
            ["<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">", "<title>", "</title>"];
        let own =
            own.into_iter().chain(["</head>", "<body>", "<pre id=\"summary\">", "</pre>", "<div id=\"traceback\">"]);
        let own = own.chain(["<pre>", "</div>", "</body>", "</html>"]);
        let rest = own.fold(html.into_owned(), |html, tag| html.replace(tag, ""));
        if rest.contains('<') || rest.contains('>') {
            return Row::Failed(format!("markup in {rest:?}"));
        }
        if parsed.attachment_count() != 0 || parsed.parts.iter().any(|part| part.attachment_name().is_some()) {
            return Row::Failed("an attachment".to_owned());
        }
        Row::Passed
    });
    assert_eq!(server.unknown(), Vec::<String>::new(), "no line of a mail was a command");
}

#[test]
fn texts_of_strangers_begin_no_line_of_a_report() {
    let outbox = MemoryBackend::default();
    let (logging, _) = logging(MailSettings::default().with_backend(outbox.clone()));
    say(&logging, "x\nUSER: root\r\nTrace: 7");
    assert!(logging.flush(SOON));
    let mail = outbox.mails().remove(0);
    for text in [mail.text, mail.html.unwrap()] {
        let forged: Vec<_> = text.lines().filter(|line| *line == "USER: root" || *line == "Trace: 7").collect();
        assert!(forged.is_empty() && text.contains("USER: x\\nUSER: root\\r\\nTrace: 7\n"), "{text}");
    }
}

#[test]
fn secrets_of_headers_cookies_queries_and_forms_are_in_no_mail() {
    let outbox = MemoryBackend::default();
    let link = "https://portal.example/traces/{trace_id}";
    let (logging, _) = logging(MailSettings::default().with_backend(outbox.clone()).with_trace_link(link));
    let canary = "c4n4ry";
    let secrets = json!({ "password": canary, "api_key": canary, "card_token": canary, "item": "7" });
    let request = json!({
        "method": "POST",
        "path": "/buy",
        "url": format!("http://shop.example/buy?q=1&token={canary}"),
        "get": { "q": "1", "token": canary },
        "post": secrets,
        "cookies": { "sessionid": canary, "theme": "dark" },
        "meta": { "HTTP_AUTHORIZATION": format!("Bearer {canary}"), "HTTP_COOKIE": format!("sessionid={canary}") },
    });
    let logger = logging.get_logger("shop");
    let mut record = logger.new_record(Level::ERROR, "no chairs");
    record.set_field("request", request);
    record.trace = Some(Trace::new([0xab; 16], [1; 8], true));
    logger.handle(record);
    assert!(logging.flush(SOON));
    let mail = outbox.mails().remove(0);
    assert!(!mail.text.contains(canary) && !mail.html.unwrap().contains(canary), "{}", mail.text);
    let trace = format!("Trace: {0}\nhttps://portal.example/traces/{0}\n", "ab".repeat(16));
    assert!(mail.text.ends_with(&trace), "{}", mail.text);
    for told in ["item = '7'", "theme = 'dark'", "Request URL: http://shop.example/buy?q=1&token=****"] {
        assert!(mail.text.contains(told), "{told} in {}", mail.text);
    }
}

/// What has become of the mails.
fn stats(logging: &Logging) -> HandlerStats {
    logging.stats().handlers["mail_admins"]
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn subjects(server: &MailServer) -> Vec<String> {
    let subject = |mail: &Received| MessageParser::default().parse(&mail.data).unwrap().subject().unwrap().to_owned();
    server.received().iter().map(subject).collect()
}

fn sorted(mut subjects: Vec<String>) -> Vec<String> {
    subjects.sort();
    subjects
}

fn impatient(address: SocketAddr) -> MailSettings {
    let server = SmtpServer::new(address.ip().to_string()).with_port(address.port());
    let server = server.with_timeout(Duration::from_millis(100));
    MailSettings::default().with_smtp(&server).unwrap().with_retry(Duration::from_millis(20))
}

#[test]
fn mails_wait_for_a_server_that_hangs_and_are_delivered_once() {
    // It takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (logging, stderr) = logging(impatient(silent.local_addr().unwrap()));
    for n in 0..5 {
        logging.get_logger("shop").error(format!("no chairs {n}"));
    }
    assert!(logging.flush(SOON), "who flushes waits for one try, not for the server");
    until("the server is found out", || stderr.text().contains("mails wait, and are tried again every 20ms"));
    assert_eq!((stats(&logging).mails.waiting, stats(&logging).lost()), (5, 0));
    let server = MailServer::on(silent);
    until("they are delivered", || stats(&logging).mails.waiting == 0);
    logging.get_logger("shop").error("no chairs 5");
    assert!(logging.shutdown(SOON));
    let wanted: Vec<_> = (0..6).map(|n| format!("[Django] ERROR: no chairs {n}")).collect();
    assert_eq!(sorted(subjects(&server)), wanted);
    let mails = stats(&logging).mails;
    assert!(mails.balances() && mails.delivered == 6 && stats(&logging).lost() == 0, "{mails:?}");
    assert_eq!(stderr.text().matches("mails wait").count(), 1, "{}", stderr.text());
}

#[test]
fn mails_that_wait_in_a_folder_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (first, stderr) = logging(impatient(closed).with_spool_folder(folder.path().join("spool")));
    (0..3).for_each(|n| first.get_logger("shop").error(format!("no chairs {n}")));
    assert!(first.shutdown(SOON));
    let mails = stats(&first).mails;
    assert!(mails.balances() && (mails.left, mails.lost) == (3, 0), "{mails:?} {}", stderr.text());
    assert!(stderr.text().contains("0 mails are lost, 3 are left to the next process"), "{}", stderr.text());
    drop(first);

    let server = MailServer::start();
    let (second, _) = logging(impatient(server.address).with_spool_folder(folder.path().join("spool")));
    until("they are delivered", || server.received().len() == 3);
    assert!(second.shutdown(SOON));
    assert_eq!(sorted(subjects(&server)), [0, 1, 2].map(|n| format!("[Django] ERROR: no chairs {n}")));
    assert_eq!(std::fs::read_dir(folder.path().join("spool/mail_admins")).unwrap().count(), 0);
    let mails = stats(&second).mails;
    assert!(mails.balances() && (mails.recovered, mails.delivered) == (3, 3), "{mails:?}");
}

#[test]
fn mails_that_find_no_room_or_no_server_to_the_end_are_counted() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = impatient(closed);
    settings.spool_size = 2;
    let (logging, stderr) = logging(settings);
    (0..5).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    assert!(logging.flush(SOON));
    assert_eq!((stats(&logging).mails.waiting, stats(&logging).full), (2, 3));
    assert!(logging.shutdown(SOON));
    let end = stats(&logging);
    assert_eq!((end.mails.waiting, end.mails.lost, end.full, end.lost()), (0, 2, 3, 5), "{}", stderr.text());
    assert!(stderr.text().contains("2 mails are lost, 0 are left"), "{}", stderr.text());
}

#[test]
fn summary_finds_room_where_a_mail_does_not() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = impatient(closed).with_admins(["ann@shop.example"]);
    settings.spool_size = 1;
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(stderr.stream()).with_mail(settings).build();
    logging
        .configure_toml("version = 1\nhandlers.mail_admins.class = \"mail_admins\"\nroot.handlers = [\"mail_admins\"]")
        .unwrap();
    (0..3).for_each(|_| logging.get_logger("shop").error("no chairs"));
    assert!(logging.flush(SOON) && logging.shutdown(SOON));
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
    let logging = Logging::builder().with_stderr(stderr.stream()).with_mail(settings).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": { "class": "mail_admins", "window": 1 } },
        "root": { "handlers": ["mail_admins"] },
    });
    logging.configure(&configuration).unwrap();
    let logger = logging.get_logger("shop");
    (0..2).for_each(|_| logger.error("no chairs"));
    until("a mail and a summary wait", || stats(&logging).mails.waiting == 2);
    // Another window: its mail finds no room, and neither does what is held back after it.
    (0..3).for_each(|_| logger.error("no chairs"));
    assert!(logging.flush(SOON) && logging.shutdown(SOON));
    let stats = stats(&logging);
    assert!(stats.mails.balances(), "{stats:?}");
    assert_eq!((stats.full, stats.mails.untold, stats.lost()), (1, 2, 1 + 2 + 2), "{stats:?} {}", stderr.text());
}

#[test]
fn mail_that_a_server_refuses_for_good_is_lost_and_told_and_others_go_on() {
    let server = MailServer::start();
    server.refuse("nobody@shop.example");
    let mail = by_smtp(server.address);
    let stderr = Captured::default();
    let mail = mail.with_admins(["ann@shop.example"]).with_managers(["nobody@shop.example"]);
    let logging = Logging::builder().with_stderr(stderr.stream()).with_mail(mail).build();
    let handler = |recipients: &str| json!({ "class": "mail_admins", "recipients": recipients });
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": handler("admins"), "mail_managers": handler("managers") },
        "root": { "handlers": ["mail_admins", "mail_managers"] },
    });
    logging.configure(&configuration).unwrap();
    logging.get_logger("shop").error("no chairs");
    assert!(logging.shutdown(SOON));
    let handlers = logging.stats().handlers;
    assert_eq!((handlers["mail_admins"].mails.delivered, handlers["mail_managers"].mails.lost), (1, 1));
    assert!(stderr.text().contains("a mail is lost: the mail server: "), "{}", stderr.text());
}

#[test]
fn function_of_ones_own_gets_mails_for_nobody_and_is_tried_again() {
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
    let builder = Logging::builder().with_stderr(stderr.stream()).with_mail(mail).with_mail_backend("chat", own);
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
    assert!(logging.shutdown(SOON));
    let mail = kept.mails().remove(0);
    assert_eq!((&*mail.subject, mail.to), ("[Django] ERROR: no chairs", Vec::new()));
    assert!(
        stderr.text().contains("mails wait, and are tried again every 10ms: the chat is closed"),
        "{}",
        stderr.text()
    );
}

/// Two handlers by these backends, at the root.
fn two(builder: LoggingBuilder, backends: [&str; 2]) -> Logging {
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
fn backend_that_panics_loses_its_mail_alone() {
    let stderr = Captured::default();
    let calls = AtomicU32::new(0);
    let own = move |_: &Mail| -> Result<(), MailError> {
        assert!(calls.fetch_add(1, Ordering::SeqCst) > 0, "the backend is broken");
        Ok(())
    };
    let builder = Logging::builder().with_stderr(stderr.stream()).with_mail_backend("own", own);
    let logging = two(builder, ["own", "dummy"]);
    (0..3).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    assert!(logging.flush(SOON));
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.delivered, mails.lost) == (2, 1), "{mails:?}");
    assert!(logging.shutdown(SOON) && stderr.text().contains("a mail is lost: refused: the backend panicked"));
}

#[test]
fn mail_that_nobody_can_take_keeps_no_other() {
    let kept = MemoryBackend::default();
    let outbox = kept.clone();
    let own = move |mail: &Mail| match mail.subject.contains("poison") {
        true => Err(MailError::Other("413".into())),
        false => outbox.send(mail),
    };
    let mail = MailSettings::default().with_retry(Duration::from_millis(10));
    let builder = Logging::builder().with_stderr(Captured::default().stream()).with_mail(mail);
    let logging = two(builder.with_mail_backend("own", own), ["own", "dummy"]);
    logging.get_logger("shop").error("poison");
    (0..20).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    until("the others are through", || kept.mails().len() == 20);
    logging.shutdown(SOON);
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.delivered, mails.lost) == (20, 1), "{mails:?}");
}

#[test]
fn recipient_who_is_refused_does_not_keep_the_mail_from_the_others() {
    for spool in [true, false] {
        let server = MailServer::start();
        server.refuse("gone@shop.example");
        let mail = by_smtp(server.address).with_admins(["ann@shop.example", "gone@shop.example", "bob@shop.example"]);
        let logging = Logging::builder().with_stderr(Captured::default().stream()).with_mail(mail).build();
        let configuration = json!({
            "version": 1,
            "handlers": { "mail_admins": { "class": "mail_admins", "spool": spool } },
            "root": { "handlers": ["mail_admins"] },
        });
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").error("no chairs");
        assert!(logging.shutdown(SOON));
        let to: Vec<_> = server.received().iter().map(|mail| mail.to.clone()).collect();
        assert_eq!(to, [["ann@shop.example"], ["bob@shop.example"]], "{spool}");
        let stats = stats(&logging);
        assert!(stats.mails.balances() && stats.lost() == u64::from(spool), "{stats:?}");
    }
}

#[test]
fn mails_that_wait_go_the_way_of_the_next_handler_of_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mail = impatient(silent.local_addr().unwrap()).with_spool_folder(folder.path());
    let (logging, stderr) = logging(mail.with_retry(Duration::from_secs(3600)));
    logging.get_logger("shop").error("no chairs 0");
    assert!(logging.flush(SOON));
    let configure = |name: &str| {
        let handler = json!({ "class": "mail_admins", "email_backend": "memory" });
        let configuration = json!({ "version": 1, "handlers": { name: handler }, "root": { "handlers": [name] } });
        logging.configure(&configuration).unwrap();
    };
    configure("mail_admins");
    until("the new handler has it", || logging.outbox().mails().len() == 1);
    logging.get_logger("shop").error("no chairs 1");
    assert!(logging.shutdown(SOON));
    let mails = stats(&logging).mails;
    assert!(mails.balances() && (mails.recovered, mails.delivered) == (1, 2), "{mails:?}");
    assert!(!stderr.text().contains("lost"), "{}", stderr.text());
    drop(silent);
}

#[test]
fn mails_that_wait_go_on_if_no_handler_of_the_name_is_left() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (logging, stderr) = logging(impatient(silent.local_addr().unwrap()));
    logging.get_logger("shop").error("no chairs");
    assert!(logging.flush(SOON));
    logging.configure(&json!({ "version": 1, "root": { "handlers": [] } })).unwrap();
    let server = MailServer::on(silent);
    until("it is delivered", || server.received().len() == 1);
    assert!(logging.shutdown(SOON) && !stderr.text().contains("lost"), "{}", stderr.text());
}

#[test]
fn mails_that_wait_go_to_no_handler_that_is_gone_itself() {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let own = |name: &'static str| {
        let tried = Arc::clone(&tried);
        move |mail: &Mail| -> Result<(), MailError> {
            tried.lock().unwrap().push((name, mail.subject.clone()));
            Err(MailError::Other("closed".into()))
        }
    };
    let mail = MailSettings::default().with_retry(Duration::from_secs(3600));
    let builder = Logging::builder().with_stderr(Captured::default().stream()).with_mail(mail);
    let logging = builder.with_mail_backend("first", own("first")).with_mail_backend("second", own("second")).build();
    for backend in ["first", "second"] {
        // In the foreground it is gone at once.
        let handler = json!({ "class": "mail_admins", "email_backend": backend, "background": false });
        let configuration = json!({ "version": 1, "handlers": { "m": handler }, "root": { "handlers": ["m"] } });
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").error(backend);
        assert!(logging.flush(SOON));
        logging.configure(&json!({ "version": 1, "root": { "handlers": [] } })).unwrap();
    }
    assert!(logging.shutdown(SOON));
    let mut tried = tried.lock().unwrap().clone();
    tried.sort();
    let wanted = [("first", "[Django] ERROR: first"), ("second", "[Django] ERROR: second")];
    // Once at first, and once at the end.
    let wanted: Vec<_> = wanted.into_iter().flat_map(|(name, subject)| vec![(name, subject.to_owned()); 2]).collect();
    assert_eq!(tried, wanted);
}

#[test]
fn end_comes_for_mails_without_a_handler_too() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (logging, stderr) = logging(impatient(closed).with_retry(Duration::from_secs(3600)));
    logging.get_logger("shop").error("no chairs");
    assert!(logging.flush(SOON));
    logging.configure(&json!({ "version": 1, "root": { "handlers": [] } })).unwrap();
    assert!(logging.shutdown(SOON));
    assert!(stderr.text().contains("1 mails are lost, 0 are left"), "{}", stderr.text());
}

#[test]
fn logging_takes_what_is_left_of_its_own_handler_and_the_defaults_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let chat = MemoryBackend::default();
    let system = |is_open: bool| {
        let (kept, default) = (chat.clone(), MemoryBackend::default());
        let own = move |mail: &Mail| if is_open { kept.send(mail) } else { Err(MailError::Other("closed".into())) };
        let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(default.clone());
        let mail = mail.with_spool_folder(folder.path());
        let builder = Logging::builder().with_stderr(Captured::default().stream()).with_mail(mail);
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
    assert!(first.shutdown(SOON));
    drop(first);
    let (second, default) = system(true);
    until("the chat has it", || chat.mails().len() == 1);
    assert!(second.shutdown(SOON) && default.mails().is_empty());
}

#[test]
fn end_gives_every_mail_a_chance_that_others_have_not_spoilt() {
    let kept = MemoryBackend::default();
    let outbox = kept.clone();
    let own = move |mail: &Mail| match mail.subject.contains("poison") {
        true => Err(MailError::Other("450".into())),
        false => outbox.send(mail),
    };
    let mail = MailSettings::default().with_retry(Duration::from_secs(3600));
    let builder = Logging::builder().with_stderr(Captured::default().stream()).with_mail(mail);
    let logging = two(builder.with_mail_backend("own", own), ["own", "dummy"]);
    logging.get_logger("shop").error("poison");
    assert!(logging.flush(SOON));
    (0..6).for_each(|n| logging.get_logger("shop").error(format!("no chairs {n}")));
    assert!(logging.shutdown(SOON));
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.delivered, mails.lost) == (6, 1), "{mails:?}");
}

#[test]
fn function_of_ones_own_is_called_once_for_all_recipients() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let own = move |_: &Mail| {
        counted.fetch_add(1, Ordering::SeqCst);
        Err(MailError::Refused("nobody reads this".into()))
    };
    let mail = MailSettings::default().with_admins(["ann@shop.example", "bob@shop.example"]);
    let builder = Logging::builder().with_stderr(Captured::default().stream()).with_mail(mail);
    let logging = two(builder.with_mail_backend("own", own), ["own", "dummy"]);
    logging.get_logger("shop").error("no chairs");
    assert!(logging.shutdown(SOON));
    let mails = logging.stats().handlers["one"].mails;
    assert!(mails.balances() && (mails.lost, calls.load(Ordering::SeqCst)) == (1, 1), "{mails:?}");
}

#[test]
fn shutdown_keeps_its_deadline_with_mails_of_an_earlier_process() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (first, _) = logging(impatient(closed).with_spool_folder(folder.path()));
    first.get_logger("shop").error("no chairs");
    assert!(first.shutdown(SOON));
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
fn times_between_tries_have_bounds() {
    for retry in [Duration::ZERO, Duration::MAX] {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (logging, stderr) = logging(impatient(closed).with_retry(retry));
        logging.get_logger("shop").error("no chairs");
        assert!(logging.flush(SOON) && logging.shutdown(SOON), "{}", stderr.text());
        let bound = if retry.is_zero() { "every 10ms" } else { "every 86400s" };
        assert!(stderr.text().contains(bound), "{}", stderr.text());
    }
}

#[test]
fn plain_manner_sends_at_once_and_gives_up() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stderr = Captured::default();
    let mail = by_smtp(closed).with_admins(["ann@shop.example"]);
    let logging = Logging::builder().with_stderr(stderr.stream()).with_mail(mail).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "mail_admins": { "class": "mail_admins", "spool": false, "throttle": false } },
        "root": { "handlers": ["mail_admins"] },
    });
    logging.configure(&configuration).unwrap();
    (0..3).for_each(|_| logging.get_logger("shop").error("no chairs"));
    assert!(logging.flush(SOON));
    assert_eq!((stats(&logging).failed, stats(&logging).mails.waiting), (3, 0));
    assert_eq!(stderr.text().matches("'mail_admins' lost a record").count(), 1, "{}", stderr.text());
}

#[test]
fn storm_of_errors_is_few_mails_and_a_summary_with_right_counts() {
    let outbox = MemoryBackend::default();
    let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
    let logging = Logging::builder().with_stderr(Captured::default().stream()).with_mail(mail).build();
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
            // Its queue holds so many.
            assert!(logging.flush(SOON));
        }
    }
    assert!(logging.flush(SOON));
    let subjects = || outbox.mails().iter().map(|mail| mail.subject.clone()).collect::<Vec<_>>();
    let singles = subjects();
    let wanted =
        ["order 0 failed", "another kind, 0", "another kind, 1000"].map(|text| format!("[Django] ERROR: {text}"));
    assert_eq!(singles, wanted);
    let deadline = Instant::now() + SOON;
    while outbox.mails().len() == singles.len() {
        assert!(Instant::now() < deadline, "a summary comes when the window is over");
        std::thread::sleep(Duration::from_millis(5));
    }
    let summary = outbox.mails().remove(3);
    assert_eq!(summary.subject, "[Django] 10007 more records were not mailed one by one");
    assert!(summary.text.contains("9999 x ERROR shop: order %s failed\n"), "{}", summary.text);
    // What is held back at the end is told then.
    logger.error("one");
    logger.error("one");
    assert!(logging.shutdown(SOON));
    let last = outbox.mails().last().unwrap().clone();
    assert_eq!((outbox.mails().len(), last.text.as_str()), (6, "1 x ERROR shop: one\n"));
}

/// Everything in the mail that must be there once or not at all, as another library reads it.
fn check(mail: &Value, secure: bool, user: &Value) {
    let count = |name: &str| {
        let headers = mail["headers"].as_array().unwrap().iter();
        headers.filter(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name)).count()
    };
    for name in ["Subject", "From", "To", "Date", "Message-ID", "MIME-Version"] {
        assert_eq!(count(name), 1, "{name} of {mail}");
    }
    for name in ["Bcc", "X-Evil", "Cc"] {
        assert_eq!(count(name), 0, "{name} of {mail}");
    }
    assert_eq!(mail["to"], json!(["ann@shop.example", "bob@shop.example"]));
    assert_eq!((&mail["defects"], &mail["secure"], &mail["user"]), (&json!([]), &json!(secure), user), "{mail}");
}

#[test]
fn real_mail_server_takes_mails_in_the_open_by_starttls_and_by_tls_with_a_login() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pem = authority::pem();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let roots = file("roots.pem", &(pem.authority + &authority::pem().authority));
    let (certificate, key) = (file("server.pem", &pem.certificate), file("key.pem", &pem.key));
    for (mode, security) in
        [("plain", SmtpSecurity::None), ("starttls", SmtpSecurity::StartTls), ("tls", SmtpSecurity::Tls)]
    {
        let is_secure = security != SmtpSecurity::None;
        let mut server = AioSmtpd::start(&python, mode, is_secure.then_some([&certificate, &key]));
        let port = server.port;
        let settings = |password: &str| {
            let settings = SmtpServer::new("127.0.0.1").with_port(port).with_security(security);
            let settings = settings.with_extra_roots(&roots).with_timeout(Duration::from_secs(20));
            if is_secure { settings.with_login("shop", password) } else { settings }
        };
        let mail = |settings: &SmtpServer| MailSettings::default().with_smtp(settings).unwrap();
        let (logging_, stderr) = logging(mail(&settings("sesame")));
        say(&logging_, "no chairs\r\nBcc: evil@shop.example\r\n\r\n<script>alert(1)</script>");
        assert!(logging_.shutdown(SOON));
        assert_eq!(stats(&logging_).lost(), 0, "{mode}: {}", stderr.text());
        let received = server.next();
        check(&received, is_secure, &if is_secure { json!("shop") } else { Value::Null });
        let html = received["html"].as_str().unwrap();
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
        if is_secure {
            // A wrong password, and a server that nobody vouches for.
            let unknown = SmtpServer::new("127.0.0.1").with_port(port).with_security(security);
            // After a handshake that failed lettre still waits for an answer to its farewell.
            let unknown = unknown.with_timeout(Duration::from_millis(500));
            for (settings, complaint) in
                [(settings("hunter2"), "535"), (unknown.with_login("shop", "sesame"), "certificate")]
            {
                let (refused, stderr) = logging(mail(&settings));
                refused.get_logger("shop").error("no chairs");
                assert!(refused.shutdown(SOON));
                assert_eq!(stats(&refused).mails.lost, 1, "{mode}: {}", stderr.text());
                let text = stderr.text();
                assert!(text.contains(complaint) && !text.contains("hunter2"), "{text}");
                assert!(text.contains("mails wait, and are tried again"), "somebody may mend it: {text}");
            }
        }
        assert_eq!(server.stop(), Vec::<Value>::new(), "{mode}");
    }
}

#[test]
fn real_mail_server_takes_every_evil_string_as_one_mail() {
    let Some(python) = python() else { return };
    let mut server = AioSmtpd::start(&python, "plain", None);
    let address = format!("127.0.0.1:{}", server.port).parse().unwrap();
    let (logging, stderr) = logging(by_smtp(address));
    let corpus = vectors::read("corpora/evil_strings.json");
    vectors::run_rows(
        "corpora/evil_strings.json (aiosmtpd)",
        corpus["cases"].as_array().unwrap(),
        "id",
        |case: &Value| {
            say(&logging, &text(case));
            assert!(logging.flush(SOON), "{}", stderr.text());
            assert_eq!(stats(&logging).lost(), 0, "{}", stderr.text());
            check(&server.next(), false, &Value::Null);
            Row::Passed
        },
    );
    assert_eq!(server.stop(), Vec::<Value>::new());
}
