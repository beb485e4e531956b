//! The handler class that mails the administrators.

use std::sync::Arc;
use std::time::Duration;

use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};

use crate::build::arguments::Arguments;
use crate::build::class_registry::ClassRegistry;
use crate::dialect::Dialect;
use crate::handlers::Handler;
use crate::mail::{AdminEmailHandler, Delivery, Limits, MailComposer, MailContext};

/// The length of a window, in seconds: the default, and the longest.
const WINDOW: u64 = 10 * 60;
const LONGEST_WINDOW: u64 = 24 * 60 * 60;
/// The default of the most mails in a window.
const CAP: u64 = 20;

/// Registers the class, with the mail settings of this context.
pub(crate) fn register_mail_admins(classes: &mut ClassRegistry, context: &Arc<MailContext>) {
    let context = Arc::clone(context);
    let names = &["mail_admins", "django.utils.log.AdminEmailHandler"];
    classes.handlers.add_built_in(names, move |arguments| mail_admins(arguments, &context));
}

fn mail_admins(arguments: &mut Arguments<'_>, context: &Arc<MailContext>) -> Checked<Box<dyn Handler>> {
    let include_html = arguments.noted_flag(&["include_html"]).unwrap_or(false);
    // The class of Django that renders the page; the page here is another one.
    arguments.value("reporter_class");
    let to_managers = match arguments.noted_text("recipients").as_deref() {
        None | Some("admins") => false,
        Some("managers") => true,
        Some(other) => {
            arguments.fault("recipients", Fault::new(redact::text(other), "write `admins` or `managers`"));
            false
        }
    };
    let backend = backend_name(arguments);
    let is_native = arguments.shared.dialect == Dialect::Native;
    let is_spooled = arguments.noted_flag(&["spool"]).unwrap_or(is_native);
    let limits = limits(arguments, is_native);
    let has_custom_backend = backend.as_ref().is_some_and(|name| context.custom_backend(name).is_some());
    let delivery = delivery(backend, is_spooled, arguments, context);
    let (settings, shared) = (context.settings(), Arc::clone(arguments.shared));
    let composer = MailComposer { settings, include_html, to_managers, formatter: arguments.formatter(), shared };
    Ok(Box::new(AdminEmailHandler::new(composer, delivery, Arc::clone(context), has_custom_backend, limits)))
}

/// The backend that the configuration names, by `email_backend` or `using`.
fn backend_name(arguments: &mut Arguments<'_>) -> Option<String> {
    let (backend, using) = (arguments.noted_text("email_backend"), arguments.noted_text("using"));
    if backend.is_some() && using.is_some() {
        let remedy = "name a backend by one of `email_backend` and `using`";
        arguments.fault("email_backend", Fault::new("a backend besides `using`", remedy));
    }
    backend.or(using)
}

fn delivery(backend: Option<String>, is_spooled: bool, arguments: &Arguments<'_>, context: &MailContext) -> Delivery {
    let (settings, shared) = (context.settings(), arguments.shared);
    let backend = match backend {
        Some(name) => {
            let backend = context.custom_backend(&name).or_else(|| settings.built_in_backend(&name, &shared.stdout));
            backend.ok_or(Delivery::UnknownBackend(name))
        }
        None => settings.backend.clone().ok_or(Delivery::NoBackend),
    };
    match backend {
        Ok(backend) if is_spooled => Delivery::spooled(backend, arguments.name(), &settings, context, shared),
        Ok(backend) => Delivery::Direct(backend),
        Err(without_backend) => without_backend,
    }
}

fn limits(arguments: &mut Arguments<'_>, is_native: bool) -> Option<Limits> {
    let throttle = arguments.noted_flag(&["throttle"]).unwrap_or(is_native);
    let window = arguments.noted_number(&["window"]).unwrap_or(WINDOW).clamp(1, LONGEST_WINDOW);
    let cap = arguments.noted_number(&["cap"]).unwrap_or(CAP);
    throttle.then(|| Limits { window: Duration::from_secs(window), cap })
}
