//! Checks the form of a configuration.

use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build::{level, names, redact_value};
use crate::dialect::Dialect;
use crate::level::Level;
use crate::shared::Shared;

/// A configuration of a valid form. Whether its formatters, filters and handlers can be built is checked later.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) incremental: bool,
    pub(super) disable_existing: bool,
    pub(super) formatters: Vec<(String, Map<String, Value>)>,
    pub(super) filters: Vec<(String, Map<String, Value>)>,
    pub(super) handlers: Vec<(String, Map<String, Value>)>,
    pub(super) loggers: Vec<(String, LoggerPlan)>,
    pub(super) root: Option<LoggerPlan>,
}

/// The settings of a logger. `None`: absent.
#[derive(Debug, Default)]
pub(super) struct LoggerPlan {
    pub(super) level: Option<Level>,
    pub(super) propagate: Option<bool>,
    pub(super) handlers: Option<Vec<String>>,
    pub(super) filters: Option<Vec<String>>,
}

const SECTIONS: [&str; 8] =
    ["version", "disable_existing_loggers", "incremental", "formatters", "filters", "handlers", "loggers", "root"];
const LOGGER_KEYS: [&str; 4] = ["level", "propagate", "handlers", "filters"];

impl Plan {
    pub(super) fn read(configuration: &Value, shared: &Shared) -> Checked<Self> {
        let Some(entries) = configuration.as_object() else {
            return fault(redact_value(configuration), "write a table with `version = 1`");
        };
        let reader = Reader { shared };
        let mut plan = Self::default();
        let mut faults = Vec::new();
        let mut keep = |checked: Checked<()>| faults.extend(checked.err().into_iter().flatten());
        keep(version(entries.get("version")));
        keep(reader.flag(entries, "incremental", false).map(|flag| plan.incremental = flag));
        // Python's default would disable loggers that the program created before.
        let disables = shared.dialect == Dialect::Python;
        keep(reader.flag(entries, "disable_existing_loggers", disables).map(|flag| plan.disable_existing = flag));
        keep(reader.tables(entries, "formatters").map(|tables| plan.formatters = tables));
        keep(reader.tables(entries, "filters").map(|tables| plan.filters = tables));
        keep(reader.tables(entries, "handlers").map(|tables| plan.handlers = tables));
        keep(reader.loggers(entries).map(|loggers| plan.loggers = loggers));
        if let Some(root) = entries.get("root") {
            keep(inside("root", reader.logger(root)).map(|root| plan.root = Some(root)));
        }
        keep(reader.check_keys(entries, &SECTIONS));
        if faults.is_empty() { Ok(plan) } else { Err(faults) }
    }
}

fn version(version: Option<&Value>) -> Checked<()> {
    match version {
        Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(()),
        Some(other) => inside("version", fault(redact_value(other), "write the number 1, the only version there is")),
        None => inside("version", fault("no version", "write `version = 1`, the only version there is")),
    }
}

/// Reads parts of a configuration in a dialect.
struct Reader<'a> {
    shared: &'a Shared,
}

impl Reader<'_> {
    fn is_python(&self) -> bool {
        self.shared.dialect == Dialect::Python
    }

    /// Rejects unknown keys, which Python ignores.
    fn check_keys(&self, entries: &Map<String, Value>, known: &[&str]) -> Checked<()> {
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
            Some(other) => inside(key, fault(redact_value(other), "write `true` or `false`")),
        }
    }

    /// The tables of a section, sorted by name: the order in which Python builds them.
    fn tables(&self, entries: &Map<String, Value>, key: &str) -> Checked<Vec<(String, Map<String, Value>)>> {
        let Some(section) = entries.get(key) else { return Ok(Vec::new()) };
        let Some(section) = section.as_object() else {
            return inside(key, fault(redact_value(section), "write a table with a name for each"));
        };
        let (mut tables, mut faults) = (Vec::new(), Vec::new());
        for (name, value) in section {
            match value.as_object() {
                Some(table) => tables.push((name.clone(), table.clone())),
                None => {
                    faults
                        .push(Fault::new(redact_value(value), "write a table").inside(&redact::key(name)).inside(key));
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
            return collect(names.iter().map(listed));
        }
        let Some(section) = section.as_object() else {
            return inside("loggers", fault(redact_value(section), "write a table with a name for each logger"));
        };
        let logger = |(name, value): (&String, &Value)| {
            let logger = inside("loggers", inside(&redact::key(name), self.logger(value)))?;
            Ok((name.clone(), logger))
        };
        collect(section.iter().map(logger))
    }

    fn logger(&self, value: &Value) -> Checked<LoggerPlan> {
        let Some(entries) = value.as_object() else { return fault(redact_value(value), "write a table") };
        let mut plan = LoggerPlan::default();
        let mut faults = Vec::new();
        let mut keep = |key: &str, checked: Checked<()>| {
            let more = checked.err().into_iter().flatten();
            faults.extend(more.map(|fault| if key.is_empty() { fault } else { fault.inside(key) }));
        };
        let given = |key| entries.get(key).filter(|value| !value.is_null());
        if let Some(value) = given("level") {
            keep("level", level(value, self.shared).map(|level| plan.level = Some(level)));
        }
        match given("propagate") {
            Some(Value::Bool(flag)) => plan.propagate = Some(*flag),
            Some(value) if self.is_python() => plan.propagate = Some(is_true(value)),
            Some(other) => keep("propagate", fault(redact_value(other), "write `true` or `false`")),
            None => {}
        }
        if let Some(value) = given("handlers") {
            keep("handlers", names(value, self.shared.dialect).map(|names| plan.handlers = Some(names)));
        }
        if let Some(value) = given("filters") {
            keep("filters", names(value, self.shared.dialect).map(|names| plan.filters = Some(names)));
        }
        keep("", self.check_keys(entries, &LOGGER_KEYS));
        if faults.is_empty() { Ok(plan) } else { Err(faults) }
    }
}

/// Whether Python takes the value for true.
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
