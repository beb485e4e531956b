//! Requests, mails and mail settings in the form of the vectors.

use std::collections::BTreeMap;
use std::sync::Arc;

use opencensus_logging::handlers::Stream;
use opencensus_logging::mail::{
    ConsoleBackend, DummyBackend, FileBackend, Mail, MailBackend, MailSettings, MemoryBackend, SmtpBackend, SmtpServer,
};
use serde_json::{Value, json};
use test_support::captured::Captured;

pub(super) fn texts(lines: &Value) -> Vec<String> {
    lines.as_array().into_iter().flatten().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

pub(super) fn mail_settings(settings: &Value, outbox: &MemoryBackend, stdout: &Captured) -> MailSettings {
    // Pairs of a name and an address are the older form.
    let address = |admin: &Value| admin.as_str().or(admin[1].as_str()).map(str::to_owned);
    let addresses = |key: &str| settings[key].as_array().into_iter().flatten().filter_map(address).collect::<Vec<_>>();
    let mut mail = MailSettings::default().with_admins(addresses("ADMINS")).with_managers(addresses("MANAGERS"));
    mail = mail.with_internal_ips(addresses("INTERNAL_IPS"));
    mail.outbox = outbox.clone();
    mail.file = settings["EMAIL_FILE_PATH"].as_str().map(|folder| Arc::new(FileBackend::new(folder)) as _);
    let port = settings["EMAIL_PORT"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(25);
    let server = SmtpServer::new(settings["EMAIL_HOST"].as_str().unwrap_or("localhost")).with_port(port);
    mail.smtp = SmtpBackend::new(&server).ok().map(|backend| Arc::new(backend) as _);
    // The vectors were made with Django's `locmem` as the default.
    let default = settings["MAILERS"]["default"]["BACKEND"].as_str().or(settings["EMAIL_BACKEND"].as_str());
    mail.backend = backend(default.unwrap_or("locmem"), &mail, stdout);
    if let Some(address) = settings["SERVER_EMAIL"].as_str() {
        mail = mail.with_server_email(address);
    }
    if let Some(prefix) = settings["EMAIL_SUBJECT_PREFIX"].as_str() {
        mail = mail.with_subject_prefix(prefix);
    }
    match settings["SESSION_COOKIE_NAME"].as_str() {
        Some(name) => mail.with_session_cookie(name),
        None => mail,
    }
}

/// A configuration in which handlers name the class of a mailer instead of the mailer, which Django 6.1 has.
pub(super) fn without_mailers(mut configuration: Value, settings: &Value) -> Value {
    let handlers = configuration.get_mut("handlers").and_then(Value::as_object_mut);
    for handler in handlers.into_iter().flat_map(|handlers| handlers.values_mut()) {
        let mailer = handler["using"].as_str().map(str::to_owned);
        if let Some(class) = mailer.and_then(|mailer| settings["MAILERS"][mailer]["BACKEND"].as_str())
            && let Some(handler) = handler.as_object_mut()
        {
            handler.remove("using");
            handler.insert("email_backend".to_owned(), json!(class));
        }
    }
    configuration
}

/// A backend by the name of Django's class.
fn backend(class: &str, mail: &MailSettings, stdout: &Captured) -> Option<Arc<dyn MailBackend>> {
    match class.split('.').rev().find(|part| *part != "EmailBackend").unwrap_or_default() {
        "dummy" => Some(Arc::new(DummyBackend)),
        "console" => Some(Arc::new(ConsoleBackend::new(Stream::new(stdout.clone())))),
        "filebased" => mail.file.clone(),
        "locmem" => Some(Arc::new(mail.outbox.clone())),
        "smtp" => mail.smtp.clone(),
        _ => None,
    }
}

/// A request of the cases, as a field of a record.
pub(super) fn request(case: &Value) -> Value {
    let text = |key: &str| case[key].as_str();
    let target = text("path").unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let get = query.split('&').filter_map(|pair| pair.split_once('='));
    let get: BTreeMap<_, _> = get.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let headers = case["headers"].as_object().cloned().unwrap_or_default();
    let host = headers.get("Host").and_then(Value::as_str).unwrap_or("testserver");
    let name = |name: &str| format!("HTTP_{}", name.to_uppercase().replace('-', "_"));
    let mut meta: BTreeMap<_, _> = headers.iter().map(|(key, value)| (name(key), value.clone())).collect();
    if case["cookies"].is_object() {
        meta.insert("HTTP_COOKIE".to_owned(), json!("all of them"));
    }
    // Clients send them in this order.
    let cookies: Option<BTreeMap<_, _>> =
        case["cookies"].as_object().map(|cookies| cookies.clone().into_iter().collect());
    let mut request = json!({
        "method": text("method").unwrap_or("GET"),
        "path": path.replace("%20", " ").replace("%C3%A9", "é"),
        "url": format!("http://{host}{target}"),
        "remote_addr": text("remote_addr").unwrap_or("127.0.0.1"),
        "get": get,
        "meta": meta,
        "post": case["post"],
        "cookies": cookies,
        "sensitive_post_parameters": case["sensitive_post_parameters"],
        "user": case["user"],
    });
    if path == "/shop/cart/" {
        request["route"] = json!("corpus_urls.cart_view");
    }
    request
}

const KEY_LINES: [&str; 10] = [
    "Traceback (most recent call last):",
    "Exception Type: ",
    "Exception Value: ",
    "Raised during: ",
    "USER: ",
    "GET:",
    "POST:",
    "FILES:",
    "COOKIES:",
    "Request data not supplied",
];

/// A mail in the form of the vectors.
pub(super) fn mail_summary(mail: &Mail, probes: &Value) -> Value {
    let probes: Vec<_> = probes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let is_key = |line: &&str| {
        let is_probe = line.split_once(" = ").is_some_and(|(name, _)| probes.contains(&name));
        is_probe || KEY_LINES.iter().any(|key| line.starts_with(key))
    };
    let head_end = mail.text.split('\n').position(|line| line.starts_with("Traceback")).unwrap_or(0);
    let mut head: Vec<_> = mail.text.split('\n').take(head_end).collect();
    while head.last() == Some(&"") {
        head.pop();
    }
    let mut summary = json!({
        "subject": mail.subject,
        "from": mail.from,
        "to": mail.to,
        "has_html": mail.html.is_some(),
        "body_head": head,
        "body_key_lines": mail.text.split('\n').filter(is_key).collect::<Vec<_>>(),
    });
    if let Some(html) = &mail.html {
        summary["html_type"] = json!("text/html");
        summary["html_has_traceback_div"] = json!(html.contains("<div id=\"traceback\">"));
        summary["html_has_form"] = json!(html.contains("<form"));
    }
    summary
}

/// Sender, recipients, subject, and the first and last lines of the body, from the lines of a mail.
pub(super) fn mail_lines(lines: &[String]) -> Vec<&String> {
    let body = lines.iter().position(String::is_empty).unwrap_or(0);
    let (head, body) = lines.split_at(body);
    let mut kept: Vec<_> = head.iter().filter(|line| line.starts_with(['S', 'F', 'T'])).collect();
    kept.sort();
    kept.extend(body.iter().take(4));
    kept.extend(body.last());
    kept
}
