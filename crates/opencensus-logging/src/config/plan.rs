//! A configuration, read and checked by itself.

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::dialect::Dialect;
use crate::level::Level;
use crate::shared::Shared;

/// A configuration, read and checked by itself.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) incremental: bool,
    pub(crate) disable_existing: bool,
    pub(crate) formatters: Vec<(String, Map<String, Value>)>,
    pub(crate) filters: Vec<(String, Map<String, Value>)>,
    pub(crate) handlers: Vec<(String, Map<String, Value>)>,
    pub(crate) loggers: Vec<(String, LoggerPlan)>,
    pub(crate) root: Option<LoggerPlan>,
}

/// What is said of a logger.
#[derive(Debug, Default)]
pub(crate) struct LoggerPlan {
    pub(crate) level: Option<Level>,
    pub(crate) propagate: Option<bool>,
    pub(crate) handlers: Option<Vec<String>>,
    pub(crate) filters: Option<Vec<String>>,
}

const SECTIONS: [&str; 8] =
    ["version", "disable_existing_loggers", "incremental", "formatters", "filters", "handlers", "loggers", "root"];
const LOGGER_KEYS: [&str; 4] = ["level", "propagate", "handlers", "filters"];

impl Plan {
    pub(crate) fn read(configuration: &Value, shared: &Shared) -> Checked<Self> {
        let Some(entries) = configuration.as_object() else {
            return fault(shown_value(configuration), "write a table with `version = 1`");
        };
        let reader = Reader { shared };
        let mut plan = Self::default();
        let mut faults = Vec::new();
        let mut keep = |checked: Checked<()>| faults.extend(checked.err().into_iter().flatten());
        keep(version(entries.get("version")));
        keep(reader.flag(entries, "incremental", false).map(|flag| plan.incremental = flag));
        // Python's default silences whoever asked for his logger before the configuration came.
        let disables = shared.dialect == Dialect::Python;
        keep(reader.flag(entries, "disable_existing_loggers", disables).map(|flag| plan.disable_existing = flag));
        keep(reader.tables(entries, "formatters").map(|tables| plan.formatters = tables));
        keep(reader.tables(entries, "filters").map(|tables| plan.filters = tables));
        keep(reader.tables(entries, "handlers").map(|tables| plan.handlers = tables));
        keep(reader.loggers(entries).map(|loggers| plan.loggers = loggers));
        if let Some(root) = entries.get("root") {
            keep(inside("root", reader.logger(root)).map(|root| plan.root = Some(root)));
        }
        keep(reader.known(entries, &SECTIONS));
        if faults.is_empty() { Ok(plan) } else { Err(faults) }
    }
}

fn version(version: Option<&Value>) -> Checked<()> {
    match version {
        Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(()),
        Some(other) => inside("version", fault(shown_value(other), "write the number 1, the only version there is")),
        None => inside("version", fault("no version", "write `version = 1`, the only version there is")),
    }
}

/// What a fault says that it found.
pub(crate) fn shown_value(value: &Value) -> String {
    match value {
        Value::Null => "nothing (null)".to_owned(),
        Value::String(text) => redact::text(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
        other => format!("`{other}`"),
    }
}

/// Reads parts of a configuration in somebody's dialect.
struct Reader<'a> {
    shared: &'a Shared,
}

impl Reader<'_> {
    fn is_python(&self) -> bool {
        self.shared.dialect == Dialect::Python
    }

    /// Python ignores keys that it does not know.
    fn known(&self, entries: &Map<String, Value>, known: &[&str]) -> Checked<()> {
        if self.is_python() {
            return Ok(());
        }
        let unknown = entries.keys().filter(|key| !known.contains(&&***key));
        let faults: Vec<_> =
            unknown.map(|key| Fault::new("an unknown key", nearest(key, known)).inside(&redact::key(key))).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn flag(&self, entries: &Map<String, Value>, key: &str, default: bool) -> Checked<bool> {
        match entries.get(key) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(value) if self.is_python() => Ok(is_true(value)),
            Some(other) => inside(key, fault(shown_value(other), "write `true` or `false`")),
        }
    }

    /// Sorted by name, as Python builds them.
    fn tables(&self, entries: &Map<String, Value>, key: &str) -> Checked<Vec<(String, Map<String, Value>)>> {
        let Some(section) = entries.get(key) else { return Ok(Vec::new()) };
        let Some(section) = section.as_object() else {
            return inside(key, fault(shown_value(section), "write a table with a name for each"));
        };
        let (mut tables, mut faults) = (Vec::new(), Vec::new());
        for (name, value) in section {
            match value.as_object() {
                Some(table) => tables.push((name.clone(), table.clone())),
                None => {
                    faults.push(Fault::new(shown_value(value), "write a table").inside(&redact::key(name)).inside(key));
                }
            }
        }
        tables.sort_by(|(one, _), (other, _)| one.cmp(other));
        if faults.is_empty() { Ok(tables) } else { Err(faults) }
    }

    fn loggers(&self, entries: &Map<String, Value>) -> Checked<Vec<(String, LoggerPlan)>> {
        let Some(section) = entries.get("loggers") else { return Ok(Vec::new()) };
        if let Some(names) = section.as_array() {
            let listed = |name: &Value| {
                let name = name.as_str().map(redact::key).unwrap_or_default();
                inside("loggers", inside(&name, fault("a list", "write a table with a name for each logger")))
            };
            return opencensus_settings::checked::collect(names.iter().map(listed));
        }
        let Some(section) = section.as_object() else {
            return inside("loggers", fault(shown_value(section), "write a table with a name for each logger"));
        };
        let logger = |(name, value): (&String, &Value)| {
            let logger = inside("loggers", inside(&redact::key(name), self.logger(value)))?;
            Ok((name.clone(), logger))
        };
        opencensus_settings::checked::collect(section.iter().map(logger))
    }

    fn logger(&self, value: &Value) -> Checked<LoggerPlan> {
        let Some(entries) = value.as_object() else { return fault(shown_value(value), "write a table") };
        let mut plan = LoggerPlan::default();
        let mut faults = Vec::new();
        let mut keep = |key: &str, checked: Checked<()>| {
            let faulty = checked.err().into_iter().flatten();
            faults.extend(faulty.map(|fault| if key.is_empty() { fault } else { fault.inside(key) }));
        };
        let given = |key| entries.get(key).filter(|value| !value.is_null());
        if let Some(value) = given("level") {
            keep("level", level(value, self.shared).map(|level| plan.level = Some(level)));
        }
        match given("propagate") {
            Some(Value::Bool(flag)) => plan.propagate = Some(*flag),
            Some(value) if self.is_python() => plan.propagate = Some(is_true(value)),
            Some(other) => keep("propagate", fault(shown_value(other), "write `true` or `false`")),
            None => {}
        }
        if let Some(value) = given("handlers") {
            keep("handlers", names(value, self.shared.dialect).map(|names| plan.handlers = Some(names)));
        }
        if let Some(value) = given("filters") {
            keep("filters", names(value, self.shared.dialect).map(|names| plan.filters = Some(names)));
        }
        keep("", self.known(entries, &LOGGER_KEYS));
        if faults.is_empty() { Ok(plan) } else { Err(faults) }
    }
}

/// Python's idea of truth.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

/// A level by name or number.
pub(crate) fn level(value: &Value, shared: &Shared) -> Checked<Level> {
    let is_python = shared.dialect == Dialect::Python;
    let level = match value {
        Value::String(name) if is_python => shared.level_named(name),
        Value::String(name) => {
            shared.level_named(name).or_else(|| shared.level_named(&name.trim().to_ascii_uppercase()))
        }
        Value::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()).map(Level::from_number),
        Value::Bool(flag) if is_python => Some(Level::from_number((*flag).into())),
        _ => None,
    };
    let remedy = "write `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`, or a whole number";
    level.ok_or_else(|| vec![Fault::new(shown_value(value), remedy)])
}

/// A list of names. To Python a text is a list of letters.
pub(crate) fn names(value: &Value, dialect: Dialect) -> Checked<Vec<String>> {
    let remedy = "write a list of names, such as `[\"console\"]`";
    match value {
        Value::Array(values) => {
            let name = |(at, value): (usize, &Value)| match value {
                Value::String(name) => Ok(name.clone()),
                other => inside(&format!("[{at}]"), fault(shown_value(other), "write a name")),
            };
            opencensus_settings::checked::collect(values.iter().enumerate().map(name))
        }
        Value::String(letters) if dialect == Dialect::Python => Ok(letters.chars().map(String::from).collect()),
        other => fault(shown_value(other), remedy),
    }
}
