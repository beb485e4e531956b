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
            let place = |fault: &Fault| if is_logging { fault.clone() } else { fault.clone().inside("logging") };
            let is_of_config = |fault: &Fault| fault.place().starts_with("LOGGING_CONFIG");
            let place = |fault: &Fault| if is_of_config(fault) { fault.clone() } else { place(fault) };
            invalid(rejected.faults().iter().map(place).collect())
        })
    }

    /// Reads settings under Django's names, in any letter case, and replaces variables outside of `logging`. A table
    /// with `version` is `logging` itself. Absent settings keep their current value.
    fn read_setup(&self, settings: &Value, lookup: interpolation::Lookup<'_>) -> Checked<Setup> {
        let Value::Object(entries) = settings else {
            return fault(redact_value(settings), "write a table of settings");
        };
        let mut setup = Setup { debug: self.is_debug(), ..Setup::default() };
        if entries.contains_key("version") {
            setup.logging = settings.clone();
            return Ok(setup);
        }
        let mut settings = Keys::new(entries, lookup)?;
        let faults = &mut Vec::new();
        setup.logging = settings.take("logging").unwrap_or_default();
        setup.debug = settings.flag("debug", faults).unwrap_or(setup.debug);
        setup.errors_to_stderr = settings.flag("errors_to_stderr", faults);
        setup.defaults = match settings.text("defaults", faults).as_deref() {
            None | Some("today") => Defaults::Today,
            Some("1.8") => Defaults::Django18,
            Some(other) => {
                faults.push(Fault::new(redact::text(other), "write `today` or `1.8`").inside("defaults"));
                Defaults::Today
            }
        };
        setup.logging_config = match settings.take("logging_config") {
            None => LoggingConfig::DictConfig,
            Some(Value::Null | Value::Bool(false)) => LoggingConfig::None,
            Some(Value::String(name)) if name == "logging.config.dictConfig" => LoggingConfig::DictConfig,
            Some(Value::String(name)) => LoggingConfig::Named(name),
            Some(other) => {
                let remedy = "name a function, or write `false` for none";
                faults.push(Fault::new(redact_value(&other), remedy).inside("logging_config"));
                LoggingConfig::None
            }
        };
        #[cfg(feature = "mail")]
        {
            let stdout = &self.system().shared.stdout;
            setup.mail = super::mail_settings::read(&mut settings, &self.mail().settings(), stdout, faults);
        }
        faults.extend(settings.unknown());
        if faults.is_empty() { Ok(setup) } else { Err(std::mem::take(faults)) }
    }
}
