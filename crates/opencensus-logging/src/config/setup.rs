//! Django's settings of logging and mail, as a file has them.

use std::fmt;

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault, InvalidSettings};
use opencensus_settings::{interpolation, parse, redact};
use serde_json::{Map, Value};

use crate::config::invalid;
use crate::config::plan::shown_value;
use crate::config::{Defaults, LoggingConfig, Setup};
use crate::logging::Logging;

/// Settings of a file that are no mail.
const OWN: [&str; 5] = ["debug", "defaults", "errors_to_stderr", "logging", "logging_config"];

impl Logging {
    /// Configures by a table of Django's settings, as [`setup_file`](Self::setup_file) does.
    ///
    /// # Errors
    ///
    /// They make no sense: all faults at once, and everything stays as it was. If only `LOGGING` does not, the defaults
    /// hold, as in Django.
    pub fn setup_settings(&self, settings: &Value) -> Result<(), InvalidSettings> {
        let setup = self.hiding_variables(|lookup| self.read_setup(settings, lookup)).map_err(invalid)?;
        self.setup(&setup).map_err(|refused| {
            // Inside of the table, or of the file that is nothing but one.
            let is_whole = settings.get("version").is_some();
            let place = |fault: &Fault| if is_whole { fault.clone() } else { fault.clone().inside("logging") };
            let is_own = |fault: &Fault| fault.place().starts_with("LOGGING_CONFIG");
            let place = |fault: &Fault| if is_own(fault) { fault.clone() } else { place(fault) };
            invalid(refused.faults().iter().map(place).collect())
        })
    }
}

impl Logging {
    /// Reads settings under Django's names, in any letter case; `${NAME}` is filled in, but not yet inside of
    /// `logging`. A table with `version` is `logging` itself. What is not said stays as it is.
    fn read_setup(&self, settings: &Value, lookup: interpolation::Lookup<'_>) -> Checked<Setup> {
        let Value::Object(entries) = settings else { return fault(shown_value(settings), "write a table of settings") };
        let mut setup = Setup { debug: self.is_debug(), ..Setup::default() };
        if entries.contains_key("version") {
            setup.logging = settings.clone();
            return Ok(setup);
        }
        let mut settings = Keys::new(entries, lookup)?;
        let faults = &mut Vec::new();
        setup.logging = settings.values.remove("logging").unwrap_or_default();
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
        setup.logging_config = match settings.values.remove("logging_config") {
            None => LoggingConfig::DictConfig,
            Some(Value::Null | Value::Bool(false)) => LoggingConfig::None,
            Some(Value::String(name)) if name == "logging.config.dictConfig" => LoggingConfig::DictConfig,
            Some(Value::String(name)) => LoggingConfig::Named(name),
            Some(other) => {
                let remedy = "name a function, or write `false` for none";
                faults.push(Fault::new(shown_value(&other), remedy).inside("logging_config"));
                LoggingConfig::None
            }
        };
        #[cfg(feature = "mail")]
        {
            let system = self.system();
            setup.mail = super::mail_settings::read(&mut settings, &system.mail(), &system.shared.stdout, faults);
        }
        faults.extend(settings.leftovers());
        if faults.is_empty() { Ok(setup) } else { Err(std::mem::take(faults)) }
    }
}

/// Settings by their names in lower case.
pub(super) struct Keys {
    values: Map<String, Value>,
    known: Vec<&'static str>,
    // How many of the known ones are said.
    said: usize,
}

impl Keys {
    fn new(entries: &Map<String, Value>, lookup: interpolation::Lookup<'_>) -> Checked<Self> {
        let (mut values, mut faults) = (Map::new(), Vec::new());
        for (key, value) in entries {
            let name = key.to_ascii_lowercase();
            // It is filled in where it is read, and its formats have a `$` of their own.
            let filled = if name == "logging" { Ok(value.clone()) } else { fill(value, lookup) };
            match filled {
                Ok(_) if values.contains_key(&name) => {
                    faults.push(Fault::new("a second value", "say it once").inside(&redact::key(key)));
                }
                Ok(value) => {
                    values.insert(name, value);
                }
                Err(more) => faults.extend(more.into_iter().map(|fault| fault.inside(&redact::key(key)))),
            }
        }
        if faults.is_empty() { Ok(Self { values, known: OWN.to_vec(), said: 0 }) } else { Err(faults) }
    }

    /// What `read` makes of them, and whether any that it asks for is said.
    #[cfg(feature = "mail")]
    pub(super) fn reading<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let before = self.said;
        let made = read(self);
        (made, self.said > before)
    }

    pub(super) fn value(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        let value = self.values.remove(key).filter(|value| !value.is_null())?;
        self.said += 1;
        Some(value)
    }

    pub(super) fn text(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<String> {
        self.checked(key, "write a text", faults, |value| value.as_str().map(str::to_owned))
    }

    /// An empty text is none, as in Django.
    #[cfg(feature = "mail")]
    pub(super) fn non_empty(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<String> {
        self.text(key, faults).filter(|text| !text.is_empty())
    }

    /// `true`, or a text that a variable has filled in.
    pub(super) fn flag(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
        self.checked(key, "write `true` or `false`", faults, |value| match value {
            Value::Bool(flag) => Some(*flag),
            // A variable that is empty.
            Value::String(text) if text.is_empty() => Some(false),
            Value::String(text) => parse::switch(text),
            _ => None,
        })
    }

    /// A number, or a text that a variable has filled in.
    #[cfg(feature = "mail")]
    pub(super) fn number(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<f64> {
        self.checked(key, "write a number from 0", faults, |value| {
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
            number.filter(|number| number.is_finite() && *number >= 0.0)
        })
    }

    fn checked<T>(
        &mut self,
        key: &'static str,
        remedy: &str,
        faults: &mut Vec<Fault>,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let found = read(&value);
        if found.is_none() {
            faults.push(Fault::new(kind(&value), remedy).inside(key));
        }
        found
    }

    fn leftovers(&self) -> Vec<Fault> {
        let remedy = |key: &str| match key.starts_with("email_") && !cfg!(feature = "mail") {
            true => "build with the feature `mail` of `opencensus-logging`".to_owned(),
            false => nearest(key, &self.known),
        };
        let unknown = |key: &String| Fault::new("an unknown setting", remedy(key)).inside(&redact::key(key));
        self.values.keys().map(unknown).collect()
    }
}

/// What a value is. What it holds may be a password that landed in the wrong place.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "another text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

fn fill(value: &Value, lookup: interpolation::Lookup<'_>) -> Checked<Value> {
    match value {
        Value::String(text) => interpolation::fill(text, lookup).map(|text| text.value.into()),
        Value::Array(items) => {
            let items = items.iter().enumerate().map(|(at, item)| inside(&format!("[{at}]"), fill(item, lookup)));
            opencensus_settings::checked::collect(items).map(Value::Array)
        }
        other => Ok(other.clone()),
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
