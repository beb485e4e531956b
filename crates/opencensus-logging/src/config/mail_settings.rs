//! Django's settings of mail, as a file has them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use opencensus_settings::fault::Fault;
use opencensus_settings::shown;
use serde_json::Value;

use crate::config::plan::shown_value;
use crate::config::setup_file::Keys;
use crate::mail::{
    ConsoleBackend, DummyBackend, FileBackend, MailSettings, SharedBackend, SmtpBackend, SmtpSecurity, SmtpServer,
};

/// Longest wait, in seconds.
const LONGEST: f64 = 24.0 * 60.0 * 60.0;

/// Who is mailed, and how. `None`: the file says nothing about it.
pub(super) fn read(settings: &mut Keys, faults: &mut Vec<Fault>) -> Option<MailSettings> {
    let mut mail = MailSettings::default();
    let mut is_said = false;
    let mut said = |said: bool| is_said |= said;
    for (key, field) in [("admins", &mut mail.admins), ("managers", &mut mail.managers)] {
        let addresses = settings.value(key).map(|value| addresses(key, &value, faults));
        said(addresses.is_some());
        *field = addresses.unwrap_or_default();
    }
    for (key, field) in [
        ("server_email", &mut mail.server_email),
        ("email_subject_prefix", &mut mail.subject_prefix),
        ("session_cookie_name", &mut mail.session_cookie),
    ] {
        let text = settings.text(key, faults);
        said(text.is_some());
        *field = text.unwrap_or_else(|| std::mem::take(field));
    }
    if mail.server_email.parse::<Mailbox>().is_err() {
        faults.push(not_an_address(&mail.server_email).inside("server_email"));
    }
    if let Some(ips) = settings.value("internal_ips") {
        said(true);
        mail.internal_ips = texts("internal_ips", &ips, faults);
    }
    mail.trace_link = settings.non_empty("trace_link", faults);
    mail.spool_folder = settings.non_empty("email_spool_folder", faults).map(PathBuf::from);
    mail.retry =
        seconds(settings, "email_retry", faults).map_or(mail.retry, |retry| retry.max(Duration::from_millis(10)));
    said(mail.trace_link.is_some() || mail.spool_folder.is_some());
    said(backends(&mut mail, settings, faults));
    is_said.then_some(mail)
}

/// What sends them. Whether the file says anything about it.
fn backends(mail: &mut MailSettings, settings: &mut Keys, faults: &mut Vec<Fault>) -> bool {
    let file = settings.non_empty("email_file_path", faults);
    let (server, is_told) = server(settings, faults);
    match SmtpBackend::new(&server) {
        Ok(backend) => mail.smtp = Some(Arc::new(backend)),
        Err(error) => {
            faults.push(Fault::new(format!("a server that cannot be used ({error})"), "mend it").inside("email_host"));
        }
    }
    mail.file = file.as_ref().map(|path| Arc::new(FileBackend::new(path)) as SharedBackend);
    let name = settings.text("email_backend", faults);
    mail.backend = match name.as_deref() {
        None | Some("smtp" | "django.core.mail.backends.smtp.EmailBackend") => mail.smtp.clone(),
        Some("file" | "django.core.mail.backends.filebased.EmailBackend") => {
            if mail.file.is_none() {
                faults.push(Fault::new("no folder", "name one by `email_file_path`").inside("email_backend"));
            }
            mail.file.clone()
        }
        Some("console" | "django.core.mail.backends.console.EmailBackend") => Some(Arc::new(ConsoleBackend::default())),
        Some("dummy" | "django.core.mail.backends.dummy.EmailBackend") => Some(Arc::new(DummyBackend)),
        Some("memory" | "django.core.mail.backends.locmem.EmailBackend") => Some(Arc::new(mail.outbox.clone())),
        Some(other) => {
            let remedy =
                "write `smtp`, `file`, `console`, `memory` or `dummy`; one's own stands in a handler's `using`";
            faults.push(Fault::new(shown::text(other), remedy).inside("email_backend"));
            None
        }
    };
    is_told || file.is_some() || name.is_some()
}

/// The server, and whether the file says anything about it.
fn server(settings: &mut Keys, faults: &mut Vec<Fault>) -> (SmtpServer, bool) {
    let host = settings.non_empty("email_host", faults);
    let port = settings.number("email_port", faults);
    let (user, password) =
        (settings.non_empty("email_host_user", faults), settings.non_empty("email_host_password", faults));
    let use_tls = settings.flag("email_use_tls", faults).unwrap_or(false);
    let use_ssl = settings.flag("email_use_ssl", faults).unwrap_or(false);
    let timeout = seconds(settings, "email_timeout", faults);
    let roots = settings.non_empty("email_extra_roots", faults);
    let (certificate, key) =
        (settings.non_empty("email_ssl_certfile", faults), settings.non_empty("email_ssl_keyfile", faults));
    let is_told = host.is_some() || port.is_some() || user.is_some() || use_tls || use_ssl || timeout.is_some();
    let mut server = SmtpServer::new(host.unwrap_or_else(|| "localhost".to_owned()));
    if let Some(port) = port {
        match Some(port).filter(|port| port.fract() == 0.0 && *port < 65_536.0) {
            Some(port) => server = server.with_port(port as u16),
            None => faults.push(Fault::new(format!("`{port}`"), "write a port, from 0 to 65535").inside("email_port")),
        }
    }
    server = server.with_security(match (use_tls, use_ssl) {
        (true, true) => {
            let remedy = "set one of them: `email_use_tls` for STARTTLS, `email_use_ssl` for TLS from the first byte";
            faults.push(Fault::new("`email_use_tls` besides it", remedy).inside("email_use_ssl"));
            SmtpSecurity::None
        }
        (true, false) => SmtpSecurity::StartTls,
        (false, true) => SmtpSecurity::Tls,
        (false, false) => SmtpSecurity::None,
    });
    // As in Django: one without the other is no login.
    if let (Some(user), Some(password)) = (user, password) {
        server = server.with_login(user, password);
    }
    if let Some(timeout) = timeout {
        server = server.with_timeout(timeout);
    }
    match (certificate, key) {
        (Some(certificate), Some(key)) => server = server.with_certificate(certificate, key),
        (None, None) => {}
        (Some(_), None) => faults.push(Fault::new("nothing", "name the certificate's key").inside("email_ssl_keyfile")),
        (None, Some(_)) => {
            faults.push(Fault::new("nothing", "name the key's certificate").inside("email_ssl_certfile"));
        }
    }
    if let Some(roots) = roots {
        server = server.with_extra_roots(roots);
    }
    (server, is_told)
}

fn seconds(settings: &mut Keys, key: &'static str, faults: &mut Vec<Fault>) -> Option<Duration> {
    let seconds = settings.number(key, faults)?;
    Duration::try_from_secs_f64(seconds.min(LONGEST)).ok()
}

/// A list of texts; one text is split at commas.
fn texts(key: &str, value: &Value, faults: &mut Vec<Fault>) -> Vec<String> {
    match value {
        Value::String(text) => {
            text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        other => {
            faults.push(Fault::new(shown_value(other), "write a list of texts").inside(key));
            Vec::new()
        }
    }
}

/// Addresses, or Django's pairs of a name and an address.
fn addresses(key: &str, value: &Value, faults: &mut Vec<Fault>) -> Vec<String> {
    let paired = |item: &Value| match item.as_array().map(Vec::as_slice) {
        Some([Value::String(name), Value::String(address)]) => Value::String(mailbox(name, address)),
        _ => item.clone(),
    };
    let value = match value {
        Value::Array(items) => Value::Array(items.iter().map(paired).collect()),
        other => other.clone(),
    };
    let addresses = texts(key, &value, faults);
    for (at, address) in addresses.iter().enumerate() {
        if address.parse::<Mailbox>().is_err() {
            faults.push(not_an_address(address).inside(&format!("[{at}]")).inside(key));
        }
    }
    addresses
}

fn mailbox(name: &str, address: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{name}\" <{address}>")
}

fn not_an_address(text: &str) -> Fault {
    Fault::new(shown::text(text), "write an address such as `ann@shop.example` or `Ann <ann@shop.example>`")
}
