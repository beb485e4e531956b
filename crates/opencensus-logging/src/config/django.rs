//! Django's way to configure: its defaults first, then `LOGGING`, by `LOGGING_CONFIG`.

use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault, InvalidSettings};
use serde_json::{Value, json};

use crate::build::Configurator;
use crate::config::invalid;
use crate::dialect::Dialect;
use crate::lock::lock;
use crate::logging::Logging;

/// The class of Django's handler that mails to the administrators.
pub(crate) const ADMIN_EMAIL: &str = "django.utils.log.AdminEmailHandler";

/// Loggers that Django's modules make when they are loaded, before anything is configured: what a configuration
/// does with loggers that are there, it does with these.
const EXISTING: [&str; 7] = [
    "django.db.backends",
    "django.db.backends.schema",
    "django.dispatch",
    "django.request",
    "django.security.csrf",
    "django.server",
    "django.template",
];

/// Django's settings of logging.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Setup {
    /// `DEBUG`
    pub debug: bool,
    /// `LOGGING`, in the shape of `dictConfig` unless `logging_config` names a function. `null` and `{}`: nothing
    /// but the defaults.
    pub logging: Value,
    /// `LOGGING_CONFIG`
    pub logging_config: LoggingConfig,
    /// Which version's defaults hold before.
    pub defaults: Defaults,
    /// Whether the defaults tell errors on standard error outside of debug mode, too, where Django mails them and
    /// tells them nowhere else. Default: yes, but in [Python's dialect](crate::Dialect).
    pub errors_to_stderr: Option<bool>,
    /// `ADMINS`, `MANAGERS`, `SERVER_EMAIL`, `EMAIL_HOST` and on. Default: as the system has them.
    #[cfg(feature = "mail")]
    pub mail: Option<crate::mail::MailSettings>,
}

impl Setup {
    /// Whether there is nothing but the defaults.
    fn is_empty(&self) -> bool {
        self.logging.is_null() || self.logging.as_object().is_some_and(serde_json::Map::is_empty)
    }
}

/// Who configures: `LOGGING_CONFIG`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum LoggingConfig {
    /// [`Logging::configure`], Django's `logging.config.dictConfig`.
    #[default]
    DictConfig,
    /// Nobody: neither the defaults nor `LOGGING` are looked at.
    None,
    /// The [configurator](crate::LoggingBuilder::with_configurator) of this name.
    Named(String),
}

/// Which version's defaults.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Defaults {
    /// Django 6.1's: everything below `django` goes to the console in debug mode, and errors to the administrators
    /// without it; the server's lines go to the console.
    #[default]
    Today,
    /// Django 1.8's: `django.request` and `django.security` go to the administrators alone.
    Django18,
}

impl Defaults {
    fn existing(self) -> impl Iterator<Item = &'static str> {
        // The server's logger came with Django 1.10.
        EXISTING.into_iter().filter(move |name| self == Self::Today || *name != "django.server")
    }

    /// The configuration, as Django has it.
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

/// Errors are seen where containers look, even if nobody mails them.
fn add_stderr(configuration: &mut Value) {
    let filters = json!(["require_debug_false"]);
    configuration["handlers"]["stderr"] =
        json!({ "level": "ERROR", "filters": filters, "class": "logging.StreamHandler" });
    let Some(loggers) = configuration["loggers"].as_object_mut() else { return };
    for logger in loggers.values_mut() {
        // The server's lines are there already.
        if let Some(handlers) =
            logger["handlers"].as_array_mut().filter(|handlers| *handlers != &[json!("django.server")])
        {
            handlers.push(json!("stderr"));
        }
    }
}

impl Logging {
    /// Configures as Django does: its defaults, then `LOGGING`. The second does not see the first's handlers: what it
    /// names it must define, and a logger that it names is as it says.
    ///
    /// Without the feature `mail`, and a handler class `django.utils.log.AdminEmailHandler` of one's own, the defaults mail
    /// nothing.
    ///
    /// # Errors
    ///
    /// `LOGGING` makes no sense, or nobody has the name of `LOGGING_CONFIG`.
    pub fn setup(&self, setup: &Setup) -> Result<(), InvalidSettings> {
        let configurator = self.configurator(setup).map_err(invalid)?;
        let one_at_a_time = lock(&self.system().configuring);
        let configured = self.setup_checked(setup, configurator.is_some());
        // A configurator may well configure.
        drop(one_at_a_time);
        let configured = match configurator.filter(|_| configured.is_ok() && !setup.is_empty()) {
            Some(configurator) => configurator(self, &setup.logging),
            None => configured,
        };
        // Not before: the defaults' handlers are not those of `LOGGING`.
        self.recover();
        configured.map_err(invalid)
    }

    /// Whom `LOGGING_CONFIG` names.
    fn configurator(&self, setup: &Setup) -> Checked<Option<Configurator>> {
        let LoggingConfig::Named(name) = &setup.logging_config else { return Ok(None) };
        let configurators = &self.system().factories.configurators;
        let unknown = || {
            let known: Vec<_> = configurators.keys().map(String::as_str).collect();
            let remedy = format!("give the function a name by `with_configurator`; {}", nearest(name, &known));
            vec![Fault::new(redact::text(name), remedy).inside("LOGGING_CONFIG")]
        };
        configurators.get(name).cloned().ok_or_else(unknown).map(Some)
    }

    /// All but what a configurator does.
    fn setup_checked(&self, setup: &Setup, has_configurator: bool) -> Checked<()> {
        self.set_debug(setup.debug);
        #[cfg(feature = "mail")]
        if let Some(mail) = &setup.mail {
            self.set_mail(mail.clone());
        }
        if setup.logging_config == LoggingConfig::None {
            return Ok(());
        }
        for name in setup.defaults.existing() {
            let _ = self.get_logger(name);
        }
        self.configure_checked(&self.defaults(setup))?;
        if has_configurator || setup.is_empty() { Ok(()) } else { self.configure_checked(&setup.logging) }
    }

    /// The defaults, without mail if nobody sends any.
    fn defaults(&self, setup: &Setup) -> Value {
        let mut configuration = setup.defaults.configuration();
        if setup.errors_to_stderr.unwrap_or(self.system().shared.dialect == Dialect::Native) {
            add_stderr(&mut configuration);
        }
        let is_built_in = cfg!(feature = "mail");
        if !is_built_in && self.system().handler_factory(ADMIN_EMAIL).is_none() {
            configuration["handlers"]["mail_admins"] = json!({ "class": "logging.NullHandler" });
        }
        configuration
    }
}
