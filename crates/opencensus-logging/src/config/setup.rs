//! Applies Django's settings of logging and mail from a table.

use opencensus_settings::checked::fault;
use opencensus_settings::{Checked, Fault, InvalidSettings};
use opencensus_settings::{interpolation, redact};
use serde_json::Value;

use crate::build::redact_value;
use crate::config::configure::invalid;
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
        let setup = self.redacting_variables(|lookup| self.read_setup(settings, lookup)).map_err(invalid)?;
        self.setup(&setup).map_err(|rejected| {
            // The faults are inside of `logging`, unless the table is `LOGGING` itself.
            let is_logging = settings.get("version").is_some();
            let key =
                settings.as_object().and_then(|entries| entries.keys().find(|key| key.eq_ignore_ascii_case("logging")));
            let key = key.map_or("logging", String::as_str);
            let place = |fault: &Fault| if is_logging { fault.clone() } else { fault.clone().inside(key) };
            let is_of_config = |fault: &Fault| fault.place().starts_with("LOGGING_CONFIG");
            let place = |fault: &Fault| if is_of_config(fault) { fault.clone() } else { place(fault) };
            invalid(rejected.faults().iter().map(place).collect())
        })
    }

    /// Reads settings under Django's names, in any letter case, and replaces their variables outside of `logging`. A
    /// table with `version` is `logging` itself. Absent settings keep their current value.
    fn read_setup(&self, settings: &Value, lookup: interpolation::Lookup<'_>) -> Checked<Setup> {
        let Value::Object(entries) = settings else {
            return fault(redact_value(settings), "write a table of settings");
        };
        let mut setup = Setup { debug: self.is_debug(), ..Setup::default() };
        if entries.contains_key("version") {
            setup.logging = settings.clone();
            return Ok(setup);
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
        let faults = settings.into_faults();
        if faults.is_empty() { Ok(setup) } else { Err(faults) }
    }
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
            "logging.config.dictConfig" => LoggingConfig::DictConfig,
            name => LoggingConfig::Named(name.to_owned()),
        },
        Some(other) => {
            let remedy = "name a function, or write `\"None\"` or `false` for none";
            settings.fault(Fault::new(redact_value(&other), remedy).inside("logging_config"));
            LoggingConfig::None
        }
    }
}
