//! The handler that mails, as a configuration asks for it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use opencensus_settings::Checked;
use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;

use crate::build::Arguments;
use crate::dialect::Dialect;
use crate::handlers::Handler;
use crate::mail::{AdminEmailHandler, Delivery, Limits, Postman};

/// Seconds in which records of a kind are one mail, if nothing else is said, and at most.
const WINDOW: u64 = 10 * 60;
const LONGEST_WINDOW: u64 = 24 * 60 * 60;
/// Mails in that time, if nothing else is said.
const CAP: u64 = 20;

pub(crate) fn mail_admins(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let include_html = arguments.flag("include_html")?.unwrap_or(false);
    // A class of Django's that draws the page; the page here is its own.
    arguments.value("reporter_class");
    let to_managers = match arguments.text("recipients")?.as_deref() {
        None | Some("admins") => false,
        Some("managers") => true,
        Some(other) => return inside("recipients", fault(redact::text(other), "write `admins` or `managers`")),
    };
    let (backend, using) = (arguments.text("email_backend")?, arguments.text("using")?);
    if backend.is_some() && using.is_some() {
        let remedy = "name a backend by one of `email_backend` and `using`";
        return inside("email_backend", fault("a backend besides `using`", remedy));
    }
    let is_native = arguments.system.shared.dialect == Dialect::Native;
    let is_spooled = arguments.flag("spool")?.unwrap_or(is_native);
    let limits = limits(arguments, is_native)?;
    let system = arguments.system;
    let settings = system.mail();
    let name = backend.or(using);
    let is_own = name.as_ref().is_some_and(|name| system.factories.mail_backends.contains_key(name));
    let delivery = match name {
        Some(name) => {
            let own = system.factories.mail_backends.get(&name).cloned();
            let backend = own.or_else(|| settings.backend_named(&name, &system.shared.stdout));
            backend.ok_or(Delivery::Unknown(name))
        }
        None => settings.backend.clone().ok_or(Delivery::Nothing),
    };
    let delivery = match delivery {
        Ok(backend) if is_spooled => Delivery::spooled(backend, arguments.name(), &settings, &system.shared),
        Ok(backend) => Delivery::Direct(backend),
        Err(unknown) => unknown,
    };
    let (formatter, shared) = (arguments.formatter(), Arc::clone(&system.shared));
    let postman =
        Postman { settings, delivery, include_html, to_managers, is_own, formatter, shared, untold: AtomicU64::new(0) };
    Ok(Box::new(AdminEmailHandler::new(postman, limits)))
}

fn limits(arguments: &mut Arguments<'_>, is_native: bool) -> Checked<Option<Limits>> {
    let throttle = arguments.flag("throttle")?.unwrap_or(is_native);
    let window = arguments.number("window")?.unwrap_or(WINDOW).clamp(1, LONGEST_WINDOW);
    let cap = arguments.number("cap")?.unwrap_or(CAP);
    Ok(throttle.then(|| Limits { window: Duration::from_secs(window), cap }))
}
