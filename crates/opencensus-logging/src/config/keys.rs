//! Reads settings by their keys, in any letter case.

use std::fmt;

use opencensus_settings::Fault;
use opencensus_settings::suggestion::{nearest, resembling};
use opencensus_settings::{interpolation, parse, redact};
use serde_json::{Map, Value};

use crate::config::django_settings::is_unused;
use crate::config::resolve::resolve_variables;

/// The settings that do not belong to mail.
const OWN: [&str; 5] = ["debug", "defaults", "errors_to_stderr", "logging", "logging_config"];
/// The beginnings of settings that have no effect without mail.
const MAIL: [&str; 3] = ["admins", "managers", "email_"];
/// How much an unknown setting of a Django project must resemble a known one to be taken for a typing error.
const TYPING_ERROR: f64 = 0.8;

/// Settings of a table, by their keys in lower case. Collects the faults of those that are read, and reports keys that
/// were not read.
pub(super) struct Keys<'a> {
    values: Map<String, Value>,
    /// The keys as the table spells them.
    spelled: Vec<String>,
    lookup: interpolation::Lookup<'a>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
    // The number of settings that were read and had a value.
    present: usize,
}

impl<'a> Keys<'a> {
    pub(super) fn new(entries: &Map<String, Value>, lookup: interpolation::Lookup<'a>) -> Self {
        let (mut values, mut faults) = (Map::new(), Vec::new());
        for (key, value) in entries {
            let name = key.to_ascii_lowercase();
            if values.contains_key(&name) {
                faults.push(Fault::new("a second value", "remove one of them").inside(&redact::key(key)));
            } else {
                values.insert(name, value.clone());
            }
        }
        let spelled = entries.keys().cloned().collect();
        Self { values, spelled, lookup, known: OWN.to_vec(), faults, present: 0 }
    }

    /// Notes a fault, whose place starts with the key in lower case.
    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// The result of `read`, and whether any setting that it read is present.
    #[cfg(feature = "mail")]
    pub(super) fn reading<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let before = self.present;
        let result = read(self);
        (result, self.present > before)
    }

    /// The value of a setting whose variables are replaced later, which may be `null`.
    pub(super) fn take_raw(&mut self, key: &str) -> Option<Value> {
        self.values.remove(key)
    }

    /// The value of a setting, which may be `null`.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        let value = self.values.remove(key)?;
        match resolve_variables(&value, self.lookup) {
            Ok(value) => Some(value),
            Err(faults) => {
                self.faults.extend(faults.into_iter().map(|fault| fault.inside(key)));
                None
            }
        }
    }

    pub(super) fn value(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        let value = self.take(key).filter(|value| !value.is_null())?;
        self.present += 1;
        Some(value)
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.checked(key, "write a text", |value| value.as_str().map(str::to_owned))
    }

    /// A text that is not empty: an empty one counts as absent, as in Django.
    #[cfg(feature = "mail")]
    pub(super) fn non_empty(&mut self, key: &'static str) -> Option<String> {
        self.text(key).filter(|text| !text.is_empty())
    }

    /// A flag, or its text from a variable.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.checked(key, "write `true` or `false`", |value| match value {
            Value::Bool(flag) => Some(*flag),
            // An empty variable.
            Value::String(text) if text.is_empty() => Some(false),
            Value::String(text) => parse::switch(text),
            _ => None,
        })
    }

    /// A number, or its text from a variable.
    #[cfg(feature = "mail")]
    pub(super) fn number(&mut self, key: &'static str) -> Option<f64> {
        self.checked(key, "write a number from 0", |value| {
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
            number.filter(|number| number.is_finite() && *number >= 0.0)
        })
    }

    fn checked<T>(&mut self, key: &'static str, remedy: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.value(key)?;
        let found = read(&value);
        if found.is_none() {
            self.faults.push(Fault::new(kind(&value), remedy).inside(key));
        }
        found
    }

    /// All faults, with those of the settings that were not read. Their places have the keys as the table spells them.
    pub(super) fn into_faults(mut self) -> Vec<Fault> {
        let unread = self.values.iter().filter(|(key, value)| !self.is_of_project(key, value));
        let unknown = |key: &String| Fault::new("an unknown setting", self.remedy(key)).inside(&redact::key(key));
        let unknown: Vec<_> = unread.map(|(key, _)| unknown(key)).collect();
        self.faults.extend(unknown);
        self.faults.iter().map(|fault| self.as_spelled(fault)).collect()
    }

    /// Whether an unread setting belongs to the project and not to logging. A Django project has many, in upper case.
    fn is_of_project(&self, key: &str, value: &Value) -> bool {
        let is_constant = || self.spelling(key).is_some_and(|spelled| !spelled.contains(|c: char| c.is_lowercase()));
        let resembles = || resembling(key, &self.known, TYPING_ERROR).is_some();
        is_unused(key) || (is_constant() && !(needs_mail(key) && is_given(value)) && !resembles())
    }

    fn remedy(&self, key: &str) -> String {
        match needs_mail(key) {
            true => "build with the feature `mail`".to_owned(),
            false => nearest(key, &self.known),
        }
    }

    fn spelling(&self, key: &str) -> Option<&String> {
        self.spelled.iter().find(|spelled| spelled.eq_ignore_ascii_case(key))
    }

    fn as_spelled(&self, fault: &Fault) -> Fault {
        let place = fault.place();
        let (key, rest) = place.split_at(place.find(['.', '[']).unwrap_or(place.len()));
        match self.spelling(key) {
            Some(spelled) => Fault::new(fault.found(), fault.remedy()).inside(&format!("{spelled}{rest}")),
            None => fault.clone(),
        }
    }
}

/// Whether the setting needs mail, which this build does not have.
fn needs_mail(key: &str) -> bool {
    !cfg!(feature = "mail") && MAIL.iter().any(|mail| key.starts_with(mail))
}

/// Whether the value is not an empty one, such as Django's default.
fn is_given(value: &Value) -> bool {
    !matches!(value, Value::Null) && value.as_str() != Some("") && value.as_array().is_none_or(|list| !list.is_empty())
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

impl fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
