//! What a configuration names is made: formatters, filters, handlers.

use std::collections::BTreeMap;
use std::sync::Arc;

use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build;
use crate::build::Arguments;
use crate::config::plan::{LoggerPlan, Plan, names, shown_value};
use crate::filters::Filter;
use crate::formatters::Formatter;
use crate::handlers::InstalledHandler;
use crate::level::Level;
use crate::logging::System;

/// What a configuration names, made.
pub(super) struct Parts {
    pub(super) filters: BTreeMap<String, Arc<dyn Filter>>,
    pub(super) handlers: BTreeMap<String, Arc<InstalledHandler>>,
}

type Named<T> = BTreeMap<String, T>;

/// Makes everything, or tells everything that is wrong.
pub(super) fn build(plan: &Plan, system: &Arc<System>) -> Checked<Parts> {
    let mut faults = Vec::new();
    let none = BTreeMap::new();
    let mut formatters: Named<Arc<dyn Formatter>> = BTreeMap::new();
    for (name, table) in &plan.formatters {
        let arguments = Arguments::new(name, table.clone(), system, &none);
        keep(&mut faults, "formatters", name, formatter(arguments)).map(|made| formatters.insert(name.clone(), made));
    }
    let mut filters: Named<Arc<dyn Filter>> = BTreeMap::new();
    for (name, table) in &plan.filters {
        let arguments = Arguments::new(name, table.clone(), system, &none);
        keep(&mut faults, "filters", name, filter(arguments)).map(|made| filters.insert(name.clone(), made));
    }
    let handlers = Handlers { plan, system, formatters: &formatters, filters: &filters }.build(&mut faults);
    check_names(plan, &filters, &handlers, &mut faults);
    if faults.is_empty() { Ok(Parts { filters, handlers }) } else { Err(faults) }
}

fn keep<T>(faults: &mut Vec<Fault>, section: &str, name: &str, checked: Checked<T>) -> Option<T> {
    match checked {
        Ok(made) => Some(made),
        Err(more) => {
            faults.extend(more.into_iter().map(|fault| fault.inside(&redact::key(name)).inside(section)));
            None
        }
    }
}

/// The class by `()` or `class`.
fn class(values: &mut Map<String, Value>, default: Option<&str>) -> Checked<String> {
    let key = if values.contains_key("()") { "()" } else { "class" };
    match values.remove(key) {
        Some(Value::String(class)) => Ok(class.strip_prefix("ext://").map(str::to_owned).unwrap_or(class)),
        Some(other) => Err(vec![Fault::new(shown_value(&other), "write the name of a class").inside(key)]),
        None => default.map(str::to_owned).ok_or_else(|| {
            vec![Fault::new("nothing", "write what kind of handler it is, such as `class = \"console\"`").inside(key)]
        }),
    }
}

/// What was made, unless there were arguments that it does not take.
fn without_leftovers<T>(made: Checked<T>, arguments: &Arguments<'_>) -> Checked<T> {
    // Who failed may not have asked for everything.
    let made = made?;
    let leftovers = arguments.leftovers();
    if leftovers.is_empty() { Ok(made) } else { Err(leftovers) }
}

fn formatter(mut arguments: Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    let class = class(&mut arguments.values, Some("logging.Formatter"))?;
    let made = match arguments.system.factories.formatters.get(&class) {
        Some(factory) => factory(&mut arguments),
        None => build::formatter(&class, &mut arguments),
    };
    without_leftovers(made, &arguments)
}

fn filter(mut arguments: Arguments<'_>) -> Checked<Arc<dyn Filter>> {
    let class = class(&mut arguments.values, Some("logging.Filter"))?;
    let made = match arguments.system.factories.filters.get(&class) {
        Some(factory) => factory(&mut arguments),
        None => build::filter(&class, &mut arguments),
    };
    without_leftovers(made, &arguments)
}

/// Makes handlers, those that others lead to first.
struct Handlers<'a> {
    plan: &'a Plan,
    system: &'a Arc<System>,
    formatters: &'a Named<Arc<dyn Formatter>>,
    filters: &'a Named<Arc<dyn Filter>>,
}

impl Handlers<'_> {
    fn build(&self, faults: &mut Vec<Fault>) -> Named<Arc<InstalledHandler>> {
        let mut made = BTreeMap::new();
        let (mut waiting, mut is_last) = (self.plan.handlers.iter().collect::<Vec<_>>(), false);
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|(name, table)| {
                if !is_last && !self.is_ready(table, &made) {
                    return true;
                }
                let handler = self.handler(name, table.clone(), &made);
                if let Some(handler) = keep(faults, "handlers", name, handler) {
                    made.insert(name.clone(), Arc::new(handler));
                }
                false
            });
            // Those that are left lead to each other, or nowhere: they tell so themselves.
            is_last = waiting.len() == before;
        }
        made
    }

    /// Whether the handlers that this one leads to are made.
    fn is_ready(&self, table: &Map<String, Value>, made: &Named<Arc<InstalledHandler>>) -> bool {
        let target = table.get("target").into_iter().filter_map(Value::as_str);
        let targets = table.get("handlers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        target.chain(targets).all(|name| made.contains_key(name))
    }

    fn handler(
        &self,
        name: &str,
        table: Map<String, Value>,
        made: &Named<Arc<InstalledHandler>>,
    ) -> Checked<InstalledHandler> {
        let mut arguments = Arguments::new(name, table, self.system, made);
        let shared = &self.system.shared;
        let class = class(&mut arguments.values, None)?;
        let mut faults = Vec::new();
        let mut note = |checked: Checked<()>| faults.extend(checked.err().into_iter().flatten());
        let mut level = Level::NOTSET;
        note(arguments.level("level").map(|given| level = given.unwrap_or(level)));
        let mut filters = Vec::new();
        note(self.filters_of(&mut arguments).map(|given| filters = given));
        let mut formatter = None;
        note(self.formatter_of(&mut arguments).map(|given| formatter = given));
        arguments.formatter = formatter;
        let writes = shared.dialect.works_in_background() && build::writes(&class);
        let mut background = None;
        note(arguments.flag("background").map(|given| background = given));
        let handler = match self.system.handler_factory(&class) {
            Some(factory) => factory(&mut arguments),
            None => build::handler(&class, &mut arguments),
        };
        let handler = without_leftovers(handler, &arguments);
        match handler {
            Ok(handler) if faults.is_empty() => {
                let in_background = background.unwrap_or(writes && !arguments.in_foreground);
                let shared = Arc::clone(shared);
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
        let dialect = self.system.shared.dialect;
        let names = opencensus_settings::checked::inside("filters", names(&value, dialect))?;
        let filter = |(at, name): (usize, &String)| {
            let unknown = || vec![unknown(name, "filters").inside(&format!("[{at}]")).inside("filters")];
            self.filters.get(name).cloned().ok_or_else(unknown)
        };
        opencensus_settings::checked::collect(names.iter().enumerate().map(filter))
    }

    fn formatter_of(&self, arguments: &mut Arguments<'_>) -> Checked<Option<Arc<dyn Formatter>>> {
        let Some(name) = arguments.text("formatter")? else { return Ok(None) };
        let unknown = || vec![unknown(&name, "formatters").inside("formatter")];
        self.formatters.get(&name).cloned().map(Some).ok_or_else(unknown)
    }
}

fn unknown(name: &str, section: &str) -> Fault {
    Fault::new(redact::text(name), format!("name one that stands below `{section}`, and is right there"))
}

/// Whether loggers name what is there.
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
