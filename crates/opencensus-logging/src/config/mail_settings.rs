//! Reads Django's mail settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use opencensus_settings::Fault;
use opencensus_settings::redact;
use serde_json::Value;

use crate::build::redact_value;
use crate::config::keys::Keys;
use crate::mail::{FileBackend, MailError, MailSettings, ServerFault, SmtpBackend, SmtpSecurity, SmtpServer};
use crate::stream::Stream;

/// The longest duration, in seconds.
const LONGEST: f64 = 24.0 * 60.0 * 60.0;

/// The current settings, changed by those of the file. `None`: the file has none.
pub(super) fn read(settings: &mut Keys<'_>, now: &MailSettings, stdout: &Stream) -> Option<MailSettings> {
    let (mail, is_present) = settings.reading(|settings| changed(now, settings, stdout));
    is_present.then_some(mail)
}

/// The current settings, changed by those of the file.
fn changed(now: &MailSettings, settings: &mut Keys<'_>, stdout: &Stream) -> MailSettings {
    let mut mail = now.clone();
    for (key, field) in [("admins", &mut mail.admins), ("managers", &mut mail.managers)] {
        if let Some(value) = settings.value(key) {
            *field = addresses(settings, key, &value);
        }
    }
    for (key, field) in [
        ("server_email", &mut mail.server_email),
        ("email_subject_prefix", &mut mail.subject_prefix),
        ("session_cookie_name", &mut mail.session_cookie),
    ] {
        if let Some(text) = settings.text(key) {
            *field = text;
        }
    }
    if mail.server_email != now.server_email && mail.server_email.parse::<Mailbox>().is_err() {
        settings.fault(not_an_address(&mail.server_email).inside("server_email"));
    }
    if let Some(ips) = settings.value("internal_ips") {
        mail.internal_ips = texts(settings, "internal_ips", &ips);
    }
    mail.trace_link = settings.non_empty("trace_link").or(mail.trace_link);
    let folder = settings.non_empty("email_spool_folder");
    mail.spool_folder = folder.map(PathBuf::from).or(mail.spool_folder);
    mail.retry = seconds(settings, "email_retry").unwrap_or(mail.retry);
    if let Some(size) = settings.number("email_spool_size") {
        mail.spool_size = size as usize;
    }
    backends(&mut mail, settings, stdout);
    mail
}

/// Changes the backends.
fn backends(mail: &mut MailSettings, settings: &mut Keys<'_>, stdout: &Stream) {
    let was_smtp = match (&mail.backend, &mail.smtp) {
        (Some(backend), Some(smtp)) => Arc::ptr_eq(backend, smtp),
        (backend, _) => backend.is_none(),
    };
    // Django's default server.
    let known = mail.server.clone().unwrap_or_else(|| SmtpServer::new("localhost"));
    let (server, has_server) = settings.reading(|settings| server(known, settings));
    if has_server || mail.smtp.is_none() {
        match SmtpBackend::new(&server) {
            Err(MailError::Server(_)) => {
                server.faults().into_iter().for_each(|fault| settings.fault(server_fault(fault, &server)));
            }
            Ok(backend) => {
                mail.smtp = Some(Arc::new(backend));
                mail.server = Some(server);
            }
            Err(error) => {
                let found = format!("a server that cannot be used ({error})");
                settings.fault(Fault::new(found, "correct the server's settings").inside("email_host"));
            }
        }
    }
    if let Some(path) = settings.non_empty("email_file_path") {
        mail.file = Some(Arc::new(FileBackend::new(path)));
    }
    let Some(name) = settings.text("email_backend") else {
        if was_smtp {
            mail.backend = mail.smtp.clone();
        }
        return;
    };
    let remedy = match mail.built_in_backend(&name, stdout) {
        Some(backend) => return mail.backend = Some(backend),
        None if name.contains("file") => "name a folder by `email_file_path`",
        None => "write `smtp`, `file`, `console`, `memory` or `dummy`; a handler names a custom backend by `using`",
    };
    settings.fault(Fault::new(redact::text(&name), remedy).inside("email_backend"));
}

fn server_fault(fault: ServerFault, server: &SmtpServer) -> Fault {
    match fault {
        ServerFault::Host => {
            let remedy = "write the host's name or address alone; its port is `email_port`";
            Fault::new(redact::text(&server.host), remedy).inside("email_host")
        }
        ServerFault::Port => Fault::new("`0`", "write a port from 1 to 65535, such as 25 or 587").inside("email_port"),
        ServerFault::Timeout => {
            let remedy = "write seconds above 0, or leave it out for 30 seconds";
            Fault::new("`0`", remedy).inside("email_timeout")
        }
    }
}

/// The known server, changed by the file. An empty text is Django's default.
fn server(known: SmtpServer, settings: &mut Keys<'_>) -> SmtpServer {
    let mut server = known;
    if let Some(host) = settings.text("email_host") {
        server.host = if host.is_empty() { "localhost".to_owned() } else { host };
    }
    if let Some(port) = settings.number("email_port") {
        match Some(port).filter(|port| port.fract() == 0.0 && *port < 65_536.0) {
            Some(port) => server.port = port as u16,
            None => settings.fault(Fault::new("an invalid port", "write a port, from 1 to 65535").inside("email_port")),
        }
    }
    let known = server.login.clone().unwrap_or_default();
    let user = settings.text("email_host_user").unwrap_or(known.0);
    let password = settings.text("email_host_password").unwrap_or(known.1);
    // As in Django, both are needed for a login.
    server.login = (!user.is_empty() && !password.is_empty()).then_some((user, password));
    server.security = security(server.security, settings);
    server.timeout = seconds(settings, "email_timeout").unwrap_or(server.timeout);
    match (settings.non_empty("email_ssl_certfile"), settings.non_empty("email_ssl_keyfile")) {
        (Some(certificate), Some(key)) => server.certificate = Some((certificate.into(), key.into())),
        (None, None) => {}
        (Some(_), None) => {
            settings.fault(Fault::new("nothing", "name the certificate's key").inside("email_ssl_keyfile"));
        }
        (None, Some(_)) => {
            settings.fault(Fault::new("nothing", "name the key's certificate").inside("email_ssl_certfile"));
        }
    }
    if let Some(roots) = settings.non_empty("email_extra_roots") {
        server.extra_roots = Some(roots.into());
    }
    server
}

fn security(known: SmtpSecurity, settings: &mut Keys<'_>) -> SmtpSecurity {
    match (settings.flag("email_use_tls"), settings.flag("email_use_ssl")) {
        (Some(true), Some(true)) => {
            let remedy = "set one of them: `email_use_tls` for STARTTLS, `email_use_ssl` for TLS from the first byte";
            settings.fault(Fault::new("`email_use_tls` besides it", remedy).inside("email_use_ssl"));
            known
        }
        (Some(true), _) => SmtpSecurity::StartTls,
        (_, Some(true)) => SmtpSecurity::Tls,
        (Some(false), _) if known == SmtpSecurity::StartTls => SmtpSecurity::None,
        (_, Some(false)) if known == SmtpSecurity::Tls => SmtpSecurity::None,
        _ => known,
    }
}

fn seconds(settings: &mut Keys<'_>, key: &'static str) -> Option<Duration> {
    let seconds = settings.number(key)?;
    Duration::try_from_secs_f64(seconds.min(LONGEST)).ok()
}

/// A list of texts; one text is split at commas.
fn texts(settings: &mut Keys<'_>, key: &str, value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        other => {
            settings.fault(Fault::new(redact_value(other), "write a list of texts").inside(key));
            Vec::new()
        }
    }
}

/// Addresses, or Django's pairs of a name and an address.
fn addresses(settings: &mut Keys<'_>, key: &str, value: &Value) -> Vec<String> {
    let paired = |item: &Value| match item.as_array().map(Vec::as_slice) {
        Some([Value::String(name), Value::String(address)]) => Value::String(mailbox(name, address)),
        _ => item.clone(),
    };
    let value = match value {
        Value::Array(items) => Value::Array(items.iter().map(paired).collect()),
        other => other.clone(),
    };
    let addresses = texts(settings, key, &value);
    for (at, address) in addresses.iter().enumerate() {
        if address.parse::<Mailbox>().is_err() {
            settings.fault(not_an_address(address).inside(&format!("[{at}]")).inside(key));
        }
    }
    addresses
}

fn mailbox(name: &str, address: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{name}\" <{address}>")
}

fn not_an_address(text: &str) -> Fault {
    Fault::new(redact::text(text), "write an address such as `ann@shop.example` or `Ann <ann@shop.example>`")
}
