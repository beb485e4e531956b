//! Handlers that go on when a configuration is applied again.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::build::{ClassRegistry, level};
use crate::config::plan::{Plan, Section};
use crate::dialect::Dialect;
use crate::handlers::InstalledHandler;
use crate::level::Level;
use crate::shared::Shared;

/// Handlers of earlier configurations whose definition is the same in a new one: they go on, with their file, their
/// counts and their buffered records. In Python's dialect there are none.
pub(super) struct Continued<'a> {
    earlier: &'a [Arc<InstalledHandler>],
    plan: &'a Plan,
    shared: &'a Shared,
    classes: &'a ClassRegistry,
    names: BTreeSet<String>,
    /// The new levels of the handlers, which are set when the configuration is applied.
    pub(super) levels: Vec<(Arc<InstalledHandler>, Level)>,
}

impl<'a> Continued<'a> {
    pub(super) fn new(
        earlier: &'a [Arc<InstalledHandler>],
        plan: &'a Plan,
        shared: &'a Shared,
        classes: &'a ClassRegistry,
    ) -> Self {
        let earlier = if shared.dialect == Dialect::Python { &[] } else { earlier };
        Self { earlier, plan, shared, classes, names: BTreeSet::new(), levels: Vec::new() }
    }

    /// The handler that goes on under this name and table. Those that it passes records to were looked for before.
    pub(super) fn find(&mut self, name: &str, table: &Map<String, Value>) -> Option<Arc<InstalledHandler>> {
        let class = table.get("()").or(table.get("class")).and_then(Value::as_str)?;
        // A custom class may be another one by now.
        if !self.classes.handlers.is_built_in(class) || !targets(table).all(|target| self.names.contains(target)) {
            return None;
        }
        let level = match table.get("level").filter(|level| !level.is_null()) {
            Some(value) => level(value, self.shared).ok()?,
            None => Level::NOTSET,
        };
        let definition = definition(table, self.plan);
        let is_same = |handler: &&Arc<InstalledHandler>| handler.name() == name && handler.goes_on_as(&definition);
        let handler = Arc::clone(self.earlier.iter().find(is_same)?);
        self.names.insert(name.to_owned());
        self.levels.push((Arc::clone(&handler), level));
        Some(handler)
    }
}

/// The handlers that a handler passes records to.
pub(super) fn targets(table: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let target = table.get("target").into_iter().filter_map(Value::as_str);
    let targets = table.get("handlers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    target.chain(targets)
}

/// The definition of a handler: its table without the level, and the tables of its formatter and its filters.
pub(super) fn definition(table: &Map<String, Value>, plan: &Plan) -> Value {
    let mut own = table.clone();
    own.remove("level");
    let formatter = table.get("formatter").and_then(Value::as_str).map(|name| of_section(&plan.formatters, name));
    let filters = table.get("filters").and_then(Value::as_array).into_iter().flatten();
    let filters: Vec<_> = filters.filter_map(Value::as_str).map(|name| of_section(&plan.filters, name)).collect();
    json!({ "handler": own, "formatter": formatter, "filters": filters })
}

fn of_section(section: &Section, name: &str) -> Option<Map<String, Value>> {
    section.tables.iter().find(|(known, _)| known == name).map(|(_, table)| table.clone())
}
