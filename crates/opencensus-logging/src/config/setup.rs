//! Applies Django's settings of logging and mail from a table.

use opencensus_settings::{Fault, InvalidSettings};
use opencensus_settings::{interpolation, redact};
use serde_json::Value;

use crate::build::redact_value;
use crate::config::configure::invalid;
use crate::config::django::DICT_CONFIG;
use crate::config::keys::Keys;
use crate::config::{Defaults, LoggingConfig, Setup};
use crate::logging::Logging;

impl Logging {
    /// Applies a table of Django's settings, in the form of a [settings file](Self::setup_file).
    ///
    /// # Examples
    ///
    /// ```
    /// # let logging = opencensus_logging::Logging::builder().build();
    /// logging.setup_settings(&serde_json::json!({ "DEBUG": true, "DEFAULTS": "1.8" }))?;
    /// assert!(logging.is_debug());
    /// # Ok::<(), opencensus_logging::config::InvalidSettings>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The settings are invalid: all faults at once, and nothing changes. If only `LOGGING` is invalid, the defaults
    /// are applied, as in Django.
    pub fn setup_settings(&self, settings: &Value) -> Result<(), InvalidSettings> {
        let key = logging_key(settings);
        let inside = |fault: Fault| key.map_or_else(|| fault.clone(), |key| fault.clone().inside(key));
        let read = |lookup: interpolation::Lookup<'_>| {
            let (setup, mut faults) = self.read_setup(settings, lookup);
            if faults.is_empty() {
                return Ok(setup);
            }
            if setup.logging_config == LoggingConfig::DictConfig && !setup.has_only_defaults() {
                faults.extend(self.rehearse(&setup.logging, lookup).into_iter().map(inside));
            }
            Err(faults)
        };
        let setup = self.redacting_variables(read).map_err(invalid)?;
        self.setup(&setup).map_err(|rejected| {
            let is_of_config = |fault: &Fault| fault.place().starts_with("LOGGING_CONFIG");
            let place = |fault: &Fault| if is_of_config(fault) { fault.clone() } else { inside(fault.clone()) };
            invalid(rejected.faults().iter().map(place).collect())
        })
    }

    /// Reads settings under Django's names, in any letter case, and replaces their variables outside of `logging`. A
    /// table with `version` is `logging` itself. Absent settings keep their current value.
    fn read_setup(&self, settings: &Value, lookup: interpolation::Lookup<'_>) -> (Setup, Vec<Fault>) {
        let mut setup = Setup { debug: self.is_debug(), ..Setup::default() };
        let Value::Object(entries) = settings else {
            return (setup, vec![Fault::new(redact_value(settings), "write a table of settings")]);
        };
        if entries.contains_key("version") {
            setup.logging = settings.clone();
            return (setup, Vec::new());
        }
        let mut settings = Keys::new(entries, lookup);
        setup.logging = settings.take_raw("logging").unwrap_or_default();
        setup.debug = settings.flag("debug").unwrap_or(setup.debug);
        setup.errors_to_stderr = settings.flag("errors_to_stderr");
        setup.defaults = defaults(&mut settings);
        setup.logging_config = logging_config(&mut settings);
        #[cfg(feature = "mail")]
        {
            let stdout = &self.system().shared.stdout;
            setup.mail = super::mail_settings::read(&mut settings, &self.mail().settings(), stdout);
        }
        (setup, settings.into_faults())
    }
}

/// The key of `logging` as the table spells it. `None`: the table is `logging` itself.
fn logging_key(settings: &Value) -> Option<&str> {
    let entries = settings.as_object().filter(|entries| !entries.contains_key("version"))?;
    Some(entries.keys().find(|key| key.eq_ignore_ascii_case("logging")).map_or("logging", String::as_str))
}

fn defaults(settings: &mut Keys<'_>) -> Defaults {
    match settings.text("defaults").as_deref() {
        None | Some("today") => Defaults::Today,
        Some("1.8") => Defaults::Django18,
        Some(other) => {
            settings.fault(Fault::new(redact::text(other), "write `today` or `1.8`").inside("defaults"));
            Defaults::Today
        }
    }
}

fn logging_config(settings: &mut Keys<'_>) -> LoggingConfig {
    match settings.take("logging_config") {
        None => LoggingConfig::DictConfig,
        Some(Value::Null | Value::Bool(false)) => LoggingConfig::None,
        Some(Value::String(name)) => match name.trim() {
            // TOML has no `None`; an empty name is none in Django, too.
            "" | "None" | "none" | "null" => LoggingConfig::None,
            DICT_CONFIG => LoggingConfig::DictConfig,
            name => LoggingConfig::Named(name.to_owned()),
        },
        Some(other) => {
            let remedy = "name a function, or write `\"None\"` or `false` for none";
            settings.fault(Fault::new(redact_value(&other), remedy).inside("logging_config"));
            LoggingConfig::None
        }
    }
}
