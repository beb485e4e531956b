//! Reads settings by their keys, in any letter case.

use std::fmt;

use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use opencensus_settings::{interpolation, parse, redact};
use serde_json::{Map, Value};

use crate::config::resolve::resolve_variables;

/// The settings that do not belong to mail.
const OWN: [&str; 5] = ["debug", "defaults", "errors_to_stderr", "logging", "logging_config"];

/// Settings of a table, by their keys in lower case. Reports keys that were not read.
pub(super) struct Keys {
    values: Map<String, Value>,
    known: Vec<&'static str>,
    // The number of settings that were read and had a value.
    present: usize,
}

impl Keys {
    pub(super) fn new(entries: &Map<String, Value>, lookup: interpolation::Lookup<'_>) -> Checked<Self> {
        let (mut values, mut faults) = (Map::new(), Vec::new());
        for (key, value) in entries {
            let name = key.to_ascii_lowercase();
            // Its variables are replaced later, except in formats.
            let resolved =
                if name == "logging" { Ok(value.clone()) } else { resolve_variables(value, &mut Vec::new(), lookup) };
            match resolved {
                Ok(_) if values.contains_key(&name) => {
                    faults.push(Fault::new("a second value", "remove one of them").inside(&redact::key(key)));
                }
                Ok(value) => {
                    values.insert(name, value);
                }
                Err(more) => faults.extend(more.into_iter().map(|fault| fault.inside(&redact::key(key)))),
            }
        }
        if faults.is_empty() { Ok(Self { values, known: OWN.to_vec(), present: 0 }) } else { Err(faults) }
    }

    /// The result of `read`, and whether any setting that it read is present.
    #[cfg(feature = "mail")]
    pub(super) fn reading<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let before = self.present;
        let result = read(self);
        (result, self.present > before)
    }

    /// The value of one of the settings that do not belong to mail, which may be `null`.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.values.remove(key)
    }

    pub(super) fn value(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        let value = self.values.remove(key).filter(|value| !value.is_null())?;
        self.present += 1;
        Some(value)
    }

    pub(super) fn text(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<String> {
        self.checked(key, "write a text", faults, |value| value.as_str().map(str::to_owned))
    }

    /// A text that is not empty: an empty one counts as absent, as in Django.
    #[cfg(feature = "mail")]
    pub(super) fn non_empty(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<String> {
        self.text(key, faults).filter(|text| !text.is_empty())
    }

    /// A flag, or its text from a variable.
    pub(super) fn flag(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
        self.checked(key, "write `true` or `false`", faults, |value| match value {
            Value::Bool(flag) => Some(*flag),
            // An empty variable.
            Value::String(text) if text.is_empty() => Some(false),
            Value::String(text) => parse::switch(text),
            _ => None,
        })
    }

    /// A number, or its text from a variable.
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

    /// Faults for the settings that were not read.
    pub(super) fn unknown(&self) -> Vec<Fault> {
        let remedy = |key: &str| match key.starts_with("email_") && !cfg!(feature = "mail") {
            true => "build with the feature `mail` of `opencensus-logging`".to_owned(),
            false => nearest(key, &self.known),
        };
        let unknown = |key: &String| Fault::new("an unknown setting", remedy(key)).inside(&redact::key(key));
        self.values.keys().map(unknown).collect()
    }
}

/// The kind of a value. The value itself may be a password in the wrong place.
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

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
