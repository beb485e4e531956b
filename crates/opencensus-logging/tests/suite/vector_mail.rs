//! Requests, mails and mail settings in the form of the vectors.

use std::collections::BTreeMap;

use opencensus_logging::mail::{Mail, MailSettings, MemoryBackend};
use serde_json::{Value, json};

pub(super) fn texts(lines: &Value) -> Vec<String> {
    lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

pub(super) fn mail_settings(settings: &Value, outbox: &MemoryBackend) -> MailSettings {
    // Pairs of a name and an address are the older form.
    let address = |admin: &Value| admin.as_str().or(admin[1].as_str()).unwrap().to_owned();
    let addresses = |key: &str| settings[key].as_array().into_iter().flatten().map(address).collect::<Vec<_>>();
    let mut mail = MailSettings::default().with_admins(addresses("ADMINS")).with_managers(addresses("MANAGERS"));
    mail = mail.with_internal_ips(addresses("INTERNAL_IPS")).with_backend(outbox.clone());
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

/// A request of the cases, as a field of a record.
pub(super) fn request(case: &Value) -> Value {
    let text = |key: &str| case[key].as_str();
    let target = text("path").unwrap();
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
