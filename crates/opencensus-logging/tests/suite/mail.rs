//! Mails as they are sent: untrusted text cannot forge parts of a mail, and secrets are redacted.

use std::sync::Arc;
use std::time::Duration;

use mail_parser::{MessageParser, MimeHeaders as _};
use opencensus_logging::config::Arguments;
use opencensus_logging::handlers::{Handler, HandlerError, Stream};
use opencensus_logging::mail::{Mail, MailError, MailSettings, MemoryBackend, SmtpSecurity, SmtpServer};
use opencensus_logging::{Level, Logging, Record, Trace};
use serde_json::{Value, json};

use super::evil_strings::text;
use super::mail_support::{by_smtp, logging, stats};
use test_support::aiosmtpd::AioSmtpd;
use test_support::captured::Captured;
use test_support::smtp::MailServer;
use test_support::vectors::{self, Row};
use test_support::{TIMEOUT, certificates};

/// Logs a record with this text wherever a client can put one.
fn log_untrusted(logging: &Logging, text: &str) {
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
fn untrusted_text_cannot_forge_a_header_a_command_or_markup() {
    let server = MailServer::start();
    let (logging, stderr) = logging(by_smtp(server.address));
    let corpus = vectors::read("corpora/evil_strings.json");
    vectors::run_rows("corpora/evil_strings.json (mail)", corpus["cases"].as_array().unwrap(), "id", |case: &Value| {
        let before = server.received().len();
        log_untrusted(&logging, &text(case));
        assert!(logging.flush(TIMEOUT), "{}", stderr.text());
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
    assert_eq!(server.unknown_commands(), Vec::<String>::new(), "no line of a mail was a command");
}

#[test]
fn untrusted_text_cannot_begin_a_line_of_a_report() {
    let outbox = MemoryBackend::default();
    let (logging, _) = logging(MailSettings::default().with_backend(outbox.clone()));
    log_untrusted(&logging, "x\nUSER: root\r\nTrace: 7");
    assert!(logging.flush(TIMEOUT));
    let mail = outbox.mails().remove(0);
    for text in [mail.text, mail.html.unwrap()] {
        let forged: Vec<_> = text.lines().filter(|line| *line == "USER: root" || *line == "Trace: 7").collect();
        assert!(forged.is_empty() && text.contains("USER: x\\nUSER: root\\r\\nTrace: 7\n"), "{text}");
    }
}

#[test]
fn secrets_of_headers_cookies_queries_and_forms_are_redacted() {
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
    assert!(logging.flush(TIMEOUT));
    let mail = outbox.mails().remove(0);
    assert!(!mail.text.contains(canary) && !mail.html.unwrap().contains(canary), "{}", mail.text);
    let trace = format!("Trace: {0}\nhttps://portal.example/traces/{0}\n", "ab".repeat(16));
    assert!(mail.text.ends_with(&trace), "{}", mail.text);
    for shown in ["item = '7'", "theme = 'dark'", "Request URL: http://shop.example/buy?q=1&token=****"] {
        assert!(mail.text.contains(shown), "{shown} in {}", mail.text);
    }
}

/// Checks the mail as another library parses it: each header occurs once, and none was forged.
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

/// Asserts that the server does not accept a login or a certificate, which the operator may correct: the mail waits,
/// and is lost only at the shutdown.
fn assert_rejected(mail: MailSettings, mode: &str, reason: &str) {
    let (logging, stderr) = logging(mail);
    logging.get_logger("shop").error("no chairs");
    assert!(logging.shutdown(TIMEOUT));
    let text = stderr.text();
    assert_eq!(stats(&logging).mails.lost, 1, "{mode}: {text}");
    assert!(text.contains(reason) && !text.contains("hunter2"), "{text}");
    assert!(text.contains("mails wait, and are tried again"), "{text}");
}

#[test]
#[ignore = "needs aiosmtpd"]
fn real_mail_server_accepts_mails_without_tls_by_starttls_and_by_tls_with_a_login() {
    let folder = tempfile::tempdir().unwrap();
    let pem = certificates::pem();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let roots = file("roots.pem", &(pem.authority + &certificates::pem().authority));
    let (certificate, key) = (file("server.pem", &pem.certificate), file("key.pem", &pem.key));
    for (mode, security) in
        [("plain", SmtpSecurity::None), ("starttls", SmtpSecurity::StartTls), ("tls", SmtpSecurity::Tls)]
    {
        let is_secure = security != SmtpSecurity::None;
        let mut server = AioSmtpd::start(mode, is_secure.then_some([&certificate, &key]));
        let port = server.port;
        let settings = |password: &str| {
            let settings = SmtpServer::new("127.0.0.1").with_port(port).with_security(security);
            let settings = settings.with_extra_roots(&roots).with_timeout(Duration::from_secs(20));
            if is_secure { settings.with_login("shop", password) } else { settings }
        };
        let mail = |settings: &SmtpServer| MailSettings::default().with_smtp(settings).unwrap();
        let (logging_, stderr) = logging(mail(&settings("sesame")));
        log_untrusted(&logging_, "no chairs\r\nBcc: evil@shop.example\r\n\r\n<script>alert(1)</script>");
        assert!(logging_.shutdown(TIMEOUT));
        assert_eq!(stats(&logging_).lost(), 0, "{mode}: {}", stderr.text());
        let received = server.next_mail();
        check(&received, is_secure, &if is_secure { json!("shop") } else { Value::Null });
        let html = received["html"].as_str().unwrap();
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
        if is_secure {
            let unknown = SmtpServer::new("127.0.0.1").with_port(port).with_security(security);
            // After a failed handshake lettre still waits for the response to its `QUIT`.
            let unknown = unknown.with_timeout(Duration::from_millis(500)).with_login("shop", "sesame");
            assert_rejected(mail(&settings("hunter2")), mode, "535");
            assert_rejected(mail(&unknown), mode, "certificate");
        }
        assert_eq!(server.stop(), Vec::<Value>::new(), "{mode}");
    }
}

#[test]
#[ignore = "needs aiosmtpd"]
fn real_mail_server_receives_every_evil_string_as_one_mail() {
    let mut server = AioSmtpd::start("plain", None);
    let address = format!("127.0.0.1:{}", server.port).parse().unwrap();
    let (logging, stderr) = logging(by_smtp(address));
    let corpus = vectors::read("corpora/evil_strings.json");
    vectors::run_rows(
        "corpora/evil_strings.json (aiosmtpd)",
        corpus["cases"].as_array().unwrap(),
        "id",
        |case: &Value| {
            log_untrusted(&logging, &text(case));
            assert!(logging.flush(TIMEOUT), "{}", stderr.text());
            assert_eq!(stats(&logging).lost(), 0, "{}", stderr.text());
            check(&server.next_mail(), false, &Value::Null);
            Row::Passed
        },
    );
    assert_eq!(server.stop(), Vec::<Value>::new());
}

/// A user's handler around a built-in one.
struct Wrapper(Box<dyn Handler>);

impl Handler for Wrapper {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.0.emit(record)
    }

    fn flush(&self, deadline: std::time::Instant) -> Result<(), HandlerError> {
        self.0.flush(deadline)
    }

    fn close(&self) {
        self.0.close();
    }
}

#[test]
fn wrapper_of_the_mail_handler_counts_its_mails_and_takes_over_those_that_wait() {
    let folder = tempfile::tempdir().unwrap();
    let class = |arguments: &mut Arguments<'_>| {
        let inner = arguments.built_in_handler("mail_admins")?;
        Ok(Box::new(Wrapper(inner)) as Box<dyn Handler>)
    };
    let start = |mail: MailSettings| {
        let mail = mail.with_admins(["ann@shop.example"]).with_spool_folder(folder.path().join("spool"));
        let builder = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail);
        let logging = builder.with_handler_class("shop.Mail", class).build();
        let handlers = json!({ "m": { "class": "shop.Mail", "level": "ERROR" } });
        logging.configure(&json!({ "version": 1, "handlers": handlers, "root": { "handlers": ["m"] } })).unwrap();
        logging
    };
    let offline = |_: &Mail| -> Result<(), MailError> { Err(MailError::Other("offline".into())) };
    let first = start(MailSettings::default().with_backend(offline));
    first.get_logger("shop").error("no chairs");
    first.shutdown(TIMEOUT);
    let mails = first.stats().handlers["m"].mails;
    assert_eq!((mails.accepted, mails.stored), (1, 1), "{mails:?}");

    let outbox = MemoryBackend::default();
    let second = start(MailSettings::default().with_backend(outbox.clone()));
    assert!(second.shutdown(TIMEOUT));
    let mails = second.stats().handlers["m"].mails;
    assert_eq!((mails.recovered, mails.delivered, outbox.mails().len()), (1, 1, 1), "{mails:?}");
}
