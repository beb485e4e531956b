//! Builds the formatters, filters and handlers of a configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use opencensus_settings::checked::{collect, inside};
use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build::{Arguments, ClassRegistry, names, never_waits};
use crate::config::plan::{LoggerPlan, Plan};
use crate::filters::Filter;
use crate::formatters::Formatter;
use crate::handlers::InstalledHandler;
use crate::level::Level;
use crate::shared::Shared;

/// The filters and handlers of a configuration.
pub(super) struct Parts {
    pub(super) filters: BTreeMap<String, Arc<dyn Filter>>,
    pub(super) handlers: BTreeMap<String, Arc<InstalledHandler>>,
}

type Named<T> = BTreeMap<String, T>;

/// Builds everything that a configuration names, or returns all its faults.
pub(super) fn build(plan: &Plan, shared: &Arc<Shared>, classes: &ClassRegistry) -> Checked<Parts> {
    let mut faults = Vec::new();
    let none = BTreeMap::new();
    let mut formatters: Named<Arc<dyn Formatter>> = BTreeMap::new();
    for (name, table) in &plan.formatters {
        let arguments = Arguments::new(name, table.clone(), shared, classes, &none);
        if let Some(formatter) = keep(&mut faults, "formatters", name, formatter(arguments, classes)) {
            formatters.insert(name.clone(), formatter);
        }
    }
    let mut filters: Named<Arc<dyn Filter>> = BTreeMap::new();
    for (name, table) in &plan.filters {
        let arguments = Arguments::new(name, table.clone(), shared, classes, &none);
        if let Some(filter) = keep(&mut faults, "filters", name, filter(arguments, classes)) {
            filters.insert(name.clone(), filter);
        }
    }
    let handlers =
        HandlerBuilder { plan, shared, classes, formatters: &formatters, filters: &filters }.build(&mut faults);
    check_names(plan, &filters, &handlers, &mut faults);
    if faults.is_empty() { Ok(Parts { filters, handlers }) } else { Err(faults) }
}

fn keep<T>(faults: &mut Vec<Fault>, section: &str, name: &str, checked: Checked<T>) -> Option<T> {
    match checked {
        Ok(built) => Some(built),
        Err(more) => {
            faults.extend(more.into_iter().map(|fault| fault.inside(&redact::key(name)).inside(section)));
            None
        }
    }
}

/// Rejects arguments that the factory did not read.
fn without_unknown<T>(built: Checked<T>, arguments: &Arguments<'_>) -> Checked<T> {
    // A factory that failed may not have read all of them.
    let built = built?;
    let unknown = arguments.unknown();
    if unknown.is_empty() { Ok(built) } else { Err(unknown) }
}

fn formatter(mut arguments: Arguments<'_>, classes: &ClassRegistry) -> Checked<Arc<dyn Formatter>> {
    let class = arguments.class(Some("logging.Formatter"))?;
    let built = classes.formatters.build(&class, &mut arguments);
    without_unknown(built, &arguments)
}

fn filter(mut arguments: Arguments<'_>, classes: &ClassRegistry) -> Checked<Arc<dyn Filter>> {
    let class = arguments.class(Some("logging.Filter"))?;
    let built = classes.filters.build(&class, &mut arguments);
    without_unknown(built, &arguments)
}

/// Builds handlers. Handlers that others name are built first.
struct HandlerBuilder<'a> {
    plan: &'a Plan,
    shared: &'a Arc<Shared>,
    classes: &'a ClassRegistry,
    formatters: &'a Named<Arc<dyn Formatter>>,
    filters: &'a Named<Arc<dyn Filter>>,
}

impl HandlerBuilder<'_> {
    fn build(&self, faults: &mut Vec<Fault>) -> Named<Arc<InstalledHandler>> {
        let mut built = BTreeMap::new();
        let (mut waiting, mut is_last) = (self.plan.handlers.iter().collect::<Vec<_>>(), false);
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|(name, table)| {
                if !is_last && !self.is_ready(table, &built) {
                    return true;
                }
                let handler = self.handler(name, table.clone(), &built);
                if let Some(handler) = keep(faults, "handlers", name, handler) {
                    built.insert(name.clone(), Arc::new(handler));
                }
                false
            });
            // Handlers that are left name each other, or unknown ones: building them reports that.
            is_last = waiting.len() == before;
        }
        built
    }

    /// Whether the handlers that this one names are built.
    fn is_ready(&self, table: &Map<String, Value>, built: &Named<Arc<InstalledHandler>>) -> bool {
        let target = table.get("target").into_iter().filter_map(Value::as_str);
        let targets = table.get("handlers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        target.chain(targets).all(|name| built.contains_key(name))
    }

    fn handler(
        &self,
        name: &str,
        table: Map<String, Value>,
        built: &Named<Arc<InstalledHandler>>,
    ) -> Checked<InstalledHandler> {
        let mut arguments = Arguments::new(name, table, self.shared, self.classes, built);
        let class = arguments.class(None)?;
        let mut faults = Vec::new();
        let mut note = |checked: Checked<()>| faults.extend(checked.err().into_iter().flatten());
        let mut level = Level::NOTSET;
        note(arguments.level("level").map(|given| level = given.unwrap_or(level)));
        let mut filters = Vec::new();
        note(self.filters_of(&mut arguments).map(|given| filters = given));
        let mut formatter = None;
        note(self.formatter_of(&mut arguments).map(|given| formatter = given));
        arguments.set_formatter(formatter);
        let mut background = None;
        note(arguments.flag("background").map(|given| background = given));
        let handler = self.classes.handlers.build(&class, &mut arguments);
        match without_unknown(handler, &arguments) {
            Ok(handler) if faults.is_empty() => {
                let is_foreground = never_waits(&class) || arguments.in_foreground();
                let in_background = background.unwrap_or(self.shared.dialect.runs_in_background() && !is_foreground);
                let shared = Arc::clone(self.shared);
                Ok(InstalledHandler::new(name.into(), level, filters, handler, in_background, shared))
            }
            other => {
                faults.extend(other.err().into_iter().flatten());
                Err(faults)
            }
        }
    }

    fn filters_of(&self, arguments: &mut Arguments<'_>) -> Checked<Vec<Arc<dyn Filter>>> {
        let Some(value) = arguments.value("filters") else { return Ok(Vec::new()) };
        let dialect = self.shared.dialect;
        let names = inside("filters", names(&value, dialect))?;
        let filter = |(at, name): (usize, &String)| {
            let unknown = || vec![unknown(name, "filters").inside(&format!("[{at}]")).inside("filters")];
            self.filters.get(name).cloned().ok_or_else(unknown)
        };
        collect(names.iter().enumerate().map(filter))
    }

    fn formatter_of(&self, arguments: &mut Arguments<'_>) -> Checked<Option<Arc<dyn Formatter>>> {
        let Some(name) = arguments.text("formatter")? else { return Ok(None) };
        let unknown = || vec![unknown(&name, "formatters").inside("formatter")];
        self.formatters.get(&name).cloned().map(Some).ok_or_else(unknown)
    }
}

fn unknown(name: &str, section: &str) -> Fault {
    Fault::new(redact::text(name), format!("name one that is defined below `{section}`, without faults"))
}

/// Checks that loggers name existing handlers and filters.
fn check_names(
    plan: &Plan,
    filters: &Named<Arc<dyn Filter>>,
    handlers: &Named<Arc<InstalledHandler>>,
    faults: &mut Vec<Fault>,
) {
    let mut check = |logger: &LoggerPlan, place: &dyn Fn(Fault) -> Fault| {
        let mut section = |names: &Option<Vec<String>>, section: &str, known: &dyn Fn(&str) -> bool| {
            for (at, name) in names.iter().flatten().enumerate().filter(|(_, name)| !known(name)) {
                faults.push(place(unknown(name, section).inside(&format!("[{at}]")).inside(section)));
            }
        };
        section(&logger.handlers, "handlers", &|name| handlers.contains_key(name));
        section(&logger.filters, "filters", &|name| filters.contains_key(name));
    };
    for (name, logger) in &plan.loggers {
        check(logger, &|fault| fault.inside(&redact::key(name)).inside("loggers"));
    }
    if let Some(root) = &plan.root {
        check(root, &|fault| fault.inside("root"));
    }
}
