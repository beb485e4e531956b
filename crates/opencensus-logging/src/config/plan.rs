//! Checks the form of a configuration.

use std::collections::BTreeSet;

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build::{flag, is_absent, level, names, number, redact_value};
use crate::config::faults::Faults;
use crate::config::resolve::Resolved;
use crate::dialect::Dialect;
use crate::level::Level;
use crate::shared::Shared;

/// A configuration of a valid form. Whether its formatters, filters and handlers can be built is checked later.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) incremental: bool,
    pub(super) disable_existing: bool,
    pub(super) formatters: Section,
    pub(super) filters: Section,
    pub(super) handlers: Section,
    pub(super) loggers: Vec<(String, LoggerPlan)>,
    pub(super) root: Option<LoggerPlan>,
}

/// A section with a table for each name.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// The tables, sorted by name: the order in which Python builds them.
    pub(super) tables: Vec<(String, Map<String, Value>)>,
    /// The names whose value is not a table.
    pub(super) faulty: BTreeSet<String>,
    /// Whether the section itself is not a table: its names are unknown.
    pub(super) is_unknown: bool,
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
    /// Reads what is valid, and adds the faults of the rest. The sections of `referenced` may have any name.
    pub(super) fn read(resolved: &Resolved, shared: &Shared, faults: &mut Faults) -> Self {
        let mut plan = Self::default();
        let Some(entries) = resolved.value.as_object() else {
            faults.add(Fault::new(redact_value(&resolved.value), "write a table with `version = 1`"));
            return plan;
        };
        let reader = Reader { shared };
        faults.keep(reader.version(entries.get("version")));
        plan.incremental = faults.keep(reader.flag(entries, "incremental", false)).unwrap_or(false);
        // Python's default would disable loggers that the program created before.
        let disables = shared.dialect == Dialect::Python;
        plan.disable_existing =
            faults.keep(reader.flag(entries, "disable_existing_loggers", disables)).unwrap_or(disables);
        plan.formatters = section(entries, "formatters", faults);
        plan.filters = section(entries, "filters", faults);
        plan.handlers = section(entries, "handlers", faults);
        plan.loggers = reader.loggers(entries, faults);
        plan.root = entries.get("root").map(|root| reader.logger(root, &|fault| fault.inside("root"), faults));
        let known: Vec<_> = SECTIONS.into_iter().chain(resolved.referenced.iter().map(String::as_str)).collect();
        for fault in reader.unknown_keys(entries, &known) {
            faults.add(fault);
        }
        plan
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

    fn version(&self, version: Option<&Value>) -> Checked<()> {
        const REMEDY: &str = "write the number 1, the only version there is";
        match version {
            Some(version) if number(version, self.shared.dialect) == Some(1.0) => Ok(()),
            Some(other) => inside("version", fault(redact_value(other), REMEDY)),
            None => inside("version", fault("no version", "write `version = 1`, the only version there is")),
        }
    }

    /// Faults for unknown keys, which Python ignores.
    fn unknown_keys(&self, entries: &Map<String, Value>, known: &[&str]) -> Vec<Fault> {
        if self.is_python() {
            return Vec::new();
        }
        let unknown = entries.keys().filter(|key| !known.contains(&&***key));
        unknown.map(|key| Fault::new("an unknown key", nearest(key, known)).inside(&redact::key(key))).collect()
    }

    fn flag(&self, entries: &Map<String, Value>, key: &str, default: bool) -> Checked<bool> {
        entries.get(key).map_or(Ok(default), |value| inside(key, flag(value, self.shared.dialect)))
    }

    fn loggers(&self, entries: &Map<String, Value>, faults: &mut Faults) -> Vec<(String, LoggerPlan)> {
        const REMEDY: &str = "write a table with a name for each logger";
        let section = match entries.get("loggers") {
            None => return Vec::new(),
            Some(Value::Object(section)) => section,
            Some(Value::Array(names)) => {
                for name in names {
                    let name = name.as_str().map(redact::key).unwrap_or_default();
                    faults.add(Fault::new("a list", REMEDY).inside(&name).inside("loggers"));
                }
                return Vec::new();
            }
            Some(other) => {
                faults.add(Fault::new(redact_value(other), REMEDY).inside("loggers"));
                return Vec::new();
            }
        };
        let logger = |(name, value): (&String, &Value)| {
            let place = |fault: Fault| fault.inside(&redact::key(name)).inside("loggers");
            (name.clone(), self.logger(value, &place, faults))
        };
        section.iter().map(logger).collect()
    }

    fn logger(&self, value: &Value, place: &dyn Fn(Fault) -> Fault, faults: &mut Faults) -> LoggerPlan {
        let mut plan = LoggerPlan::default();
        let Some(entries) = value.as_object() else {
            faults.add(place(Fault::new(redact_value(value), "write a table")));
            return plan;
        };
        let given = |key| entries.get(key).filter(|value| !value.is_null());
        let mut keep = |key: &str, more: Vec<Fault>| {
            more.into_iter()
                .for_each(|fault| faults.add(place(if key.is_empty() { fault } else { fault.inside(key) })));
        };
        match given("level").map(|value| level(value, self.shared)) {
            Some(Err(more)) => keep("level", more),
            level => plan.level = level.and_then(Result::ok),
        }
        match given("propagate").map(|value| flag(value, self.shared.dialect)) {
            Some(Err(more)) => keep("propagate", more),
            propagate => plan.propagate = propagate.and_then(Result::ok),
        }
        for (key, field) in [("handlers", &mut plan.handlers), ("filters", &mut plan.filters)] {
            let given = given(key).filter(|value| !is_absent(value, self.shared.dialect));
            match given.map(|value| names(value, self.shared.dialect)) {
                Some(Err(more)) => keep(key, more),
                names => *field = names.and_then(Result::ok),
            }
        }
        keep("", self.unknown_keys(entries, &LOGGER_KEYS));
        plan
    }
}

/// The tables of a section.
fn section(entries: &Map<String, Value>, key: &str, faults: &mut Faults) -> Section {
    let mut section = Section::default();
    let found = match entries.get(key) {
        None => return section,
        Some(Value::Object(found)) => found,
        Some(other) => {
            faults.add(Fault::new(redact_value(other), "write a table with a name for each").inside(key));
            section.is_unknown = true;
            return section;
        }
    };
    for (name, value) in found {
        match value.as_object() {
            Some(table) => section.tables.push((name.clone(), table.clone())),
            None => {
                faults.add(Fault::new(redact_value(value), "write a table").inside(&redact::key(name)).inside(key));
                section.faulty.insert(name.clone());
            }
        }
    }
    section.tables.sort_by(|(one, _), (other, _)| one.cmp(other));
    section
}
