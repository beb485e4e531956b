//! The handler class that mails each record, without a report.

use std::sync::Arc;

use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::build::class_registry::ClassRegistry;
use crate::build::network_classes::{credentials, host_and_port, timeout};
use crate::build::values::redact_value;
use crate::dialect::Dialect;
use crate::handlers::Handler;
use crate::mail::{Delivery, MailContext, SharedBackend, SmtpBackend, SmtpHandler, SmtpSecurity, SmtpServer};

/// Python's `smtplib.SMTP_PORT`.
const SMTP_PORT: u16 = 25;

/// Registers the class; its mails wait as those of the mail settings of this context.
pub(crate) fn register_smtp(classes: &mut ClassRegistry, context: &Arc<MailContext>) {
    let context = Arc::clone(context);
    let names = &["smtp", "logging.handlers.SMTPHandler"];
    classes.handlers.add_built_in(names, move |arguments| smtp(arguments, &context));
}

fn smtp(arguments: &mut Arguments<'_>, context: &MailContext) -> Checked<Box<dyn Handler>> {
    let server = server(arguments);
    let from = arguments.required_text("fromaddr").map(Some);
    let from = arguments.note(from).unwrap_or_default();
    let to = recipients(arguments);
    let subject = arguments.required_text("subject").map(Some);
    let subject = arguments.note(subject).unwrap_or_default();
    let is_spooled = arguments.noted_flag(&["spool"]).unwrap_or(arguments.shared.dialect == Dialect::Native);
    let backend: SharedBackend = match SmtpBackend::new(&server) {
        Ok(backend) => Arc::new(backend),
        Err(error) => {
            let remedy = "name certificates that can be read, as `secure = [\"key.pem\", \"certificate.pem\"]`";
            return Err(vec![Fault::new(format!("a server that cannot be used ({error})"), remedy).inside("mailhost")]);
        }
    };
    let delivery = if is_spooled && !arguments.is_rehearsal() {
        Delivery::spooled(backend, arguments.name(), &context.settings(), context, arguments.shared)
    } else {
        Delivery::Direct(backend)
    };
    Ok(Box::new(SmtpHandler::new(delivery, from, to, subject, arguments.formatter())))
}

fn server(arguments: &mut Arguments<'_>) -> SmtpServer {
    let mailhost = arguments.value("mailhost").unwrap_or_default();
    let address = host_and_port(&mailhost, SMTP_PORT);
    if address.is_none() {
        let remedy = "write a host such as `localhost`, or `[\"localhost\", 587]`";
        arguments.fault("mailhost", Fault::new(redact_value(&mailhost), remedy));
    }
    let (host, port) = address.unwrap_or_default();
    let mut server = SmtpServer::new(host).with_port(port).with_timeout(timeout(arguments));
    if let Some((name, password)) = credentials(arguments) {
        server = server.with_login(name, password);
    }
    // In Python a tuple, empty or with files, switches STARTTLS on.
    let secure = arguments.value("secure");
    let texts =
        |values: &[Value]| values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    match secure.as_ref().map(|value| (value.as_bool(), value.as_array().and_then(|values| texts(values)))) {
        None | Some((Some(false), _)) => server,
        Some((Some(true), _)) => server.with_security(SmtpSecurity::StartTls),
        Some((_, Some(files))) if files.len() <= 2 => {
            let server = server.with_security(SmtpSecurity::StartTls);
            // Of one file, both are read.
            match (files.first(), files.last()) {
                (Some(key), Some(certificate)) => server.with_certificate(certificate, key),
                _ => server,
            }
        }
        Some(_) => {
            arguments.fault(
                "secure",
                Fault::new("another form", "write `true`, or a list of a key file and a certificate file"),
            );
            server
        }
    }
}

/// `toaddrs`: an address, or a list.
fn recipients(arguments: &mut Arguments<'_>) -> Vec<String> {
    let value = arguments.value("toaddrs").unwrap_or_default();
    let list = match &value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(values) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let list = list.filter(|list| !list.is_empty());
    if list.is_none() {
        let found = if value.is_null() { "nothing".to_owned() } else { redact::text("another form") };
        arguments.fault("toaddrs", Fault::new(found, "write an address, or a list of addresses"));
    }
    list.unwrap_or_default()
}
