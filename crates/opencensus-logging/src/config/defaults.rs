//! The logging configuration that Django applies before `LOGGING`.

use serde_json::{Value, json};

/// The class of Django's handler that mails the administrators.
pub(super) const ADMIN_EMAIL: &str = "django.utils.log.AdminEmailHandler";

/// Loggers that Django's modules create before anything is configured: a configuration treats them as existing loggers.
const EXISTING: [&str; 7] = [
    "django.db.backends",
    "django.db.backends.schema",
    "django.dispatch",
    "django.request",
    "django.security.csrf",
    "django.server",
    "django.template",
];

/// The defaults of a Django version.
///
/// # Examples
///
/// ```
/// use opencensus_logging::config::Defaults;
///
/// let loggers = &Defaults::Today.configuration()["loggers"];
/// assert_eq!(loggers["django.server"]["propagate"], false);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Defaults {
    /// Django 6.1: records below `django` go to the console in debug mode, and errors to the administrators without it;
    /// the server's lines go to the console.
    #[default]
    Today,
    /// Django 1.8: `django.request` and `django.security` go only to the administrators.
    Django18,
}

impl Defaults {
    /// The loggers that exist before the defaults are applied.
    pub(super) fn existing(self) -> impl Iterator<Item = &'static str> {
        // The server's logger exists since Django 1.10.
        EXISTING.into_iter().filter(move |name| self == Self::Today || *name != "django.server")
    }

    /// The configuration in Django's form.
    #[must_use]
    pub fn configuration(self) -> Value {
        let console = json!({ "level": "INFO", "filters": ["require_debug_true"], "class": "logging.StreamHandler" });
        let mail_admins = json!({ "level": "ERROR", "filters": ["require_debug_false"], "class": ADMIN_EMAIL });
        let filters = json!({
            "require_debug_false": { "()": "django.utils.log.RequireDebugFalse" },
            "require_debug_true": { "()": "django.utils.log.RequireDebugTrue" },
        });
        match self {
            Self::Today => json!({
                "version": 1,
                "disable_existing_loggers": false,
                "filters": filters,
                "formatters": {
                    "django.server": {
                        "()": "django.utils.log.ServerFormatter",
                        "format": "[{server_time}] {message}",
                        "style": "{",
                    },
                },
                "handlers": {
                    "console": console,
                    "django.server": {
                        "level": "INFO", "class": "logging.StreamHandler", "formatter": "django.server",
                    },
                    "mail_admins": mail_admins,
                },
                "loggers": {
                    "django": { "handlers": ["console", "mail_admins"], "level": "INFO" },
                    "django.server": { "handlers": ["django.server"], "level": "INFO", "propagate": false },
                },
            }),
            Self::Django18 => json!({
                "version": 1,
                "disable_existing_loggers": false,
                "filters": filters,
                "handlers": {
                    "console": console,
                    "null": { "class": "logging.NullHandler" },
                    "mail_admins": mail_admins,
                },
                "loggers": {
                    "django": { "handlers": ["console"] },
                    "django.request": { "handlers": ["mail_admins"], "level": "ERROR", "propagate": false },
                    "django.security": { "handlers": ["mail_admins"], "level": "ERROR", "propagate": false },
                    "py.warnings": { "handlers": ["console"] },
                },
            }),
        }
    }
}

/// Adds a handler for errors on standard error, where they are found even if they are not mailed.
pub(super) fn add_stderr(configuration: &mut Value) {
    let filters = json!(["require_debug_false"]);
    configuration["handlers"]["stderr"] =
        json!({ "level": "ERROR", "filters": filters, "class": "logging.StreamHandler" });
    let Some(loggers) = configuration["loggers"].as_object_mut() else { return };
    for logger in loggers.values_mut() {
        // The server's lines go there already.
        if let Some(handlers) =
            logger["handlers"].as_array_mut().filter(|handlers| *handlers != &[json!("django.server")])
        {
            handlers.push(json!("stderr"));
        }
    }
}
