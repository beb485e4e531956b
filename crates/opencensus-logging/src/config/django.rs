//! Configuration as in Django: first the defaults, then `LOGGING` by `LOGGING_CONFIG`.

use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault, InvalidSettings};
use serde_json::{Value, json};

use crate::config::configure::invalid;
use crate::config::defaults::{ADMIN_EMAIL, Defaults, add_stderr};
use crate::dialect::Dialect;
use crate::lock::lock;
use crate::logging::{Configurator, Logging};

/// Django's settings of logging, for [`Logging::setup`].
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::config::Setup;
///
/// let mut setup = Setup::default();
/// setup.debug = true;
/// setup.logging = serde_json::json!({
///     "version": 1,
///     "handlers": { "console": { "class": "logging.StreamHandler" } },
///     "loggers": { "django": { "handlers": ["console"], "level": "DEBUG" } },
/// });
/// Logging::global().setup(&setup)?;
/// # Ok::<(), opencensus_logging::config::InvalidSettings>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Setup {
    /// `DEBUG`: the debug mode. Default: off.
    pub debug: bool,
    /// `LOGGING`, in the form of `dictConfig` unless `logging_config` names a function. `null` and `{}`: only the
    /// defaults apply.
    pub logging: Value,
    /// `LOGGING_CONFIG`: the function that applies `logging`. Default: `dictConfig`.
    pub logging_config: LoggingConfig,
    /// The defaults that are applied before `logging`. Default: those of Django 6.1.
    pub defaults: Defaults,
    /// Whether the defaults also write errors to standard error without debug mode, where Django only mails them.
    /// Default: yes, except in [Python's dialect](crate::Dialect).
    pub errors_to_stderr: Option<bool>,
    /// `ADMINS`, `MANAGERS`, `SERVER_EMAIL`, `EMAIL_HOST` and so on. Default: the current mail settings stay.
    #[cfg(feature = "mail")]
    pub mail: Option<crate::mail::MailSettings>,
}

/// The name of `dictConfig` in Python.
pub(super) const DICT_CONFIG: &str = "logging.config.dictConfig";

impl Setup {
    /// Whether only the defaults apply.
    pub(super) fn has_only_defaults(&self) -> bool {
        self.logging.is_null() || self.logging.as_object().is_some_and(serde_json::Map::is_empty)
    }
}

/// The function that applies `LOGGING`: `LOGGING_CONFIG`.
///
/// # Examples
///
/// ```
/// use opencensus_logging::config::{LoggingConfig, Setup};
///
/// let mut setup = Setup::default();
/// setup.logging_config = LoggingConfig::Named("shop.configure_logging".to_owned());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum LoggingConfig {
    /// [`Logging::configure`], Django's `logging.config.dictConfig`.
    #[default]
    DictConfig,
    /// None: neither the defaults nor `LOGGING` are applied.
    None,
    /// The [configurator](crate::LoggingBuilder::with_configurator) of this name.
    Named(String),
}

impl Logging {
    /// Configures as Django does: applies the defaults, then `LOGGING`. `LOGGING` cannot use the handlers of the
    /// defaults: it must define all handlers that it names.
    ///
    /// Without the feature `mail`, and without a custom handler class `django.utils.log.AdminEmailHandler`, the
    /// defaults mail nothing.
    ///
    /// # Errors
    ///
    /// `LOGGING` is invalid, or `LOGGING_CONFIG` names an unknown function. If only `LOGGING` is invalid, the defaults
    /// stay applied, as in Django.
    pub fn setup(&self, setup: &Setup) -> Result<(), InvalidSettings> {
        let configurator = self.configurator(setup).map_err(invalid)?;
        let one_at_a_time = lock(&self.system().configuring);
        let configured = self.setup_checked(setup, configurator.is_some());
        // A configurator may call `configure`.
        drop(one_at_a_time);
        let configured = match configurator.filter(|_| configured.is_ok() && !setup.has_only_defaults()) {
            Some(configurator) => configurator(self, &setup.logging),
            None => configured,
        };
        // Only now: handlers of `LOGGING` come before those of the defaults.
        self.recover();
        configured.map_err(invalid)
    }

    /// The function that `LOGGING_CONFIG` names.
    fn configurator(&self, setup: &Setup) -> Checked<Option<Configurator>> {
        let LoggingConfig::Named(name) = &setup.logging_config else { return Ok(None) };
        if name == DICT_CONFIG {
            return Ok(None);
        }
        let configurators = self.configurators();
        let unknown = || {
            let known: Vec<_> = configurators.keys().map(String::as_str).collect();
            let remedy = format!("register the function by `with_configurator`; {}", nearest(name, &known));
            vec![Fault::new(redact::text(name), remedy).inside("LOGGING_CONFIG")]
        };
        configurators.get(name).cloned().ok_or_else(unknown).map(Some)
    }

    /// Applies everything except what a configurator applies.
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
        // Handlers of the last `LOGGING` go on, although the defaults are applied between them.
        let mut earlier = self.system().tree().all_handlers();
        self.configure_after(&self.defaults(setup), &earlier)?;
        if has_configurator || setup.has_only_defaults() {
            return Ok(());
        }
        earlier.extend(self.system().tree().all_handlers());
        self.configure_after(&setup.logging, &earlier)
    }

    /// The defaults, without mail if there is no class for it.
    fn defaults(&self, setup: &Setup) -> Value {
        let mut configuration = setup.defaults.configuration();
        if setup.errors_to_stderr.unwrap_or(self.system().shared.dialect == Dialect::Native) {
            add_stderr(&mut configuration);
        }
        if !self.classes().handlers.contains(ADMIN_EMAIL) {
            configuration["handlers"]["mail_admins"] = json!({ "class": "logging.NullHandler" });
        }
        configuration
    }
}
