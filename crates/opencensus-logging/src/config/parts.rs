//! Builds the formatters, filters and handlers of a configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use opencensus_settings::checked::{collect, fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build::{Arguments, BuiltHandlers, ClassRegistry, ClassTable, is_absent, names, never_waits};
use crate::config::continued::{Continued, definition, targets};
use crate::config::faults::Faults;
use crate::config::plan::{LoggerPlan, Plan, Section};
use crate::dialect::Dialect;
use crate::filters::Filter;
use crate::formatters::Formatter;
use crate::handlers::{InstalledHandler, with_hooks_of};
use crate::level::Level;
use crate::shared::Shared;

/// The filters and handlers of a configuration.
pub(super) struct Parts {
    pub(super) filters: BTreeMap<String, Arc<dyn Filter>>,
    pub(super) handlers: BTreeMap<String, Arc<InstalledHandler>>,
    /// The levels of handlers that go on.
    pub(super) levels: Vec<(Arc<InstalledHandler>, Level)>,
}

/// Builds everything that a configuration names, and adds its faults. After a fault nothing that is built may be used:
/// it only serves to find more. Of the earlier handlers, those with the same definition go on.
pub(super) fn build(
    plan: &Plan,
    shared: &Arc<Shared>,
    classes: &ClassRegistry,
    earlier: &[Arc<InstalledHandler>],
    faults: &mut Faults,
) -> Parts {
    let is_rehearsal = !faults.is_empty();
    build_by(Workshop { shared, classes, is_rehearsal }, plan, earlier, faults)
}

/// Adds the faults of a configuration that is not applied.
pub(super) fn rehearse(plan: &Plan, shared: &Arc<Shared>, classes: &ClassRegistry, faults: &mut Faults) {
    build_by(Workshop { shared, classes, is_rehearsal: true }, plan, &[], faults);
}

fn build_by(workshop: Workshop<'_>, plan: &Plan, earlier: &[Arc<InstalledHandler>], faults: &mut Faults) -> Parts {
    faults.begin_stage();
    let classes = workshop.classes;
    let formatters = workshop.objects(&plan.formatters, "formatters", "logging.Formatter", &classes.formatters, faults);
    let filters = workshop.objects(&plan.filters, "filters", "logging.Filter", &classes.filters, faults);
    let mut continued = Continued::new(earlier, plan, workshop.shared, classes);
    let builder = HandlerBuilder { workshop, plan, formatters: &formatters, filters: &filters };
    let handlers = builder.build(&mut continued, faults);
    check_names(plan, &filters, &handlers, faults);
    Parts { filters: filters.objects, handlers: handlers.objects, levels: continued.levels }
}

/// The objects of a section.
struct Built<T> {
    objects: BTreeMap<String, T>,
    /// The names of those with faults.
    faulty: BTreeSet<String>,
    section: &'static str,
    /// Whether the names of the section are unknown.
    is_unknown: bool,
}

impl<T: Clone> Built<T> {
    fn new(section: &Section, name: &'static str) -> Self {
        let (faulty, is_unknown) = (section.faulty.clone(), section.is_unknown);
        Self { objects: BTreeMap::new(), faulty, section: name, is_unknown }
    }

    fn insert(&mut self, name: &str, built: Checked<T>, faults: &mut Faults) {
        let built = built.map_err(|more| {
            more.into_iter().map(|fault| fault.inside(&redact::key(name)).inside(self.section)).collect()
        });
        match faults.keep(built) {
            Some(built) => drop(self.objects.insert(name.to_owned(), built)),
            None => drop(self.faulty.insert(name.to_owned())),
        }
    }

    /// The object of this name. `None`: it has faults, which are reported already.
    fn find(&self, name: &str) -> Checked<Option<T>> {
        match self.objects.get(name) {
            Some(object) => Ok(Some(object.clone())),
            None if self.is_unknown || self.faulty.contains(name) => Ok(None),
            None => fault(redact::text(name), self.remedy(name)),
        }
    }

    fn remedy(&self, name: &str) -> String {
        let remedy = format!("name one that is defined below `{}`", self.section);
        let known: Vec<_> = self.objects.keys().chain(&self.faulty).map(String::as_str).collect();
        if known.is_empty() { remedy } else { format!("{remedy}; {}", nearest(name, &known)) }
    }
}

/// What building an object needs besides its table.
#[derive(Clone, Copy)]
struct Workshop<'a> {
    shared: &'a Arc<Shared>,
    classes: &'a ClassRegistry,
    is_rehearsal: bool,
}

impl<'a> Workshop<'a> {
    fn arguments(&self, name: &'a str, table: Map<String, Value>, handlers: BuiltHandlers<'a>) -> Arguments<'a> {
        let mut arguments = Arguments::new(name, table, self.shared, self.classes, handlers);
        arguments.rehearse(self.is_rehearsal);
        arguments
    }

    /// Builds the formatters or filters of a section.
    fn objects<T: Clone>(
        &self,
        section: &Section,
        section_name: &'static str,
        default_class: &str,
        classes: &ClassTable<T>,
        faults: &mut Faults,
    ) -> Built<T> {
        let (none, no_faulty) = (BTreeMap::new(), BTreeSet::new());
        let handlers = BuiltHandlers { built: &none, faulty: &no_faulty };
        let mut built = Built::new(section, section_name);
        for (name, table) in &section.tables {
            // Python reads the arguments of its own classes, and passes all of them to a factory.
            let ignores_unknown = self.shared.dialect == Dialect::Python && !table.contains_key("()");
            let mut arguments = Workshop::arguments(self, name, table.clone(), handlers);
            let object = arguments.class(Some(default_class)).and_then(|class| {
                let object = classes.build(&class, &mut arguments);
                finished(object, &mut arguments, classes.is_built_in(&class), ignores_unknown)
            });
            built.insert(name, object, faults);
        }
        built
    }
}

/// The object, unless its arguments have faults, or some were not read.
fn finished<T>(
    object: Checked<T>,
    arguments: &mut Arguments<'_>,
    is_built_in: bool,
    ignores_unknown: bool,
) -> Checked<T> {
    let mut faults = arguments.take_faults();
    // A custom factory that failed may not have read all of them.
    if !ignores_unknown && (object.is_ok() || is_built_in) {
        faults.extend(arguments.unknown());
    }
    match object {
        Ok(object) if faults.is_empty() => Ok(object),
        other => {
            faults.extend(other.err().into_iter().flatten());
            Err(faults)
        }
    }
}

/// Builds handlers. Handlers that others name are built first.
struct HandlerBuilder<'a> {
    workshop: Workshop<'a>,
    plan: &'a Plan,
    formatters: &'a Built<Arc<dyn Formatter>>,
    filters: &'a Built<Arc<dyn Filter>>,
}

impl HandlerBuilder<'_> {
    fn build(&self, continued: &mut Continued<'_>, faults: &mut Faults) -> Built<Arc<InstalledHandler>> {
        let section = &self.plan.handlers;
        let mut built = Built::new(section, "handlers");
        let (mut waiting, mut is_last) = (section.tables.iter().collect::<Vec<_>>(), false);
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|(name, table)| {
                if !is_last && !is_ready(table, &built) {
                    return true;
                }
                let handler = match continued.find(name, table) {
                    Some(handler) => Ok(handler),
                    None => self.handler(name, table.clone(), &built).map(Arc::new),
                };
                built.insert(name, handler, faults);
                false
            });
            // Handlers that are left name each other, or unknown ones: building them reports that.
            is_last = waiting.len() == before;
        }
        built
    }

    fn handler(
        &self,
        name: &str,
        table: Map<String, Value>,
        built: &Built<Arc<InstalledHandler>>,
    ) -> Checked<InstalledHandler> {
        let (shared, classes) = (self.workshop.shared, &self.workshop.classes.handlers);
        let handlers = BuiltHandlers { built: &built.objects, faulty: &built.faulty };
        let definition = definition(&table, self.plan);
        let mut arguments = self.workshop.arguments(name, table, handlers);
        let level = arguments.level("level");
        let level = arguments.note(level).unwrap_or(Level::NOTSET);
        let filters = self.filters_of(&mut arguments);
        let filters = arguments.note(filters.map(Some)).unwrap_or_default();
        let formatter = self.formatter_of(&mut arguments);
        let formatter = arguments.note(formatter);
        arguments.set_formatter(formatter);
        let background = arguments.flag("background");
        let background = arguments.note(background);
        let class = arguments.class(None);
        let is_built_in = class.as_ref().is_ok_and(|class| classes.is_built_in(class));
        let handler = class.clone().and_then(|class| classes.build(&class, &mut arguments));
        let handler = finished(handler, &mut arguments, is_built_in, false)?;
        let handler = with_hooks_of(arguments.take_wrapped(), handler);
        let is_foreground = class.is_ok_and(|class| never_waits(&class)) || arguments.in_foreground();
        let in_background = background.unwrap_or(shared.dialect.runs_in_background() && !is_foreground);
        let installed = InstalledHandler::new(name.into(), level, filters, handler, in_background, Arc::clone(shared));
        Ok(installed.with_definition(definition))
    }

    fn filters_of(&self, arguments: &mut Arguments<'_>) -> Checked<Vec<Arc<dyn Filter>>> {
        let dialect = self.workshop.shared.dialect;
        let given = arguments.value("filters").filter(|value| !is_absent(value, dialect));
        let Some(value) = given else { return Ok(Vec::new()) };
        let names = inside("filters", names(&value, dialect))?;
        let filter =
            |(at, name): (usize, &String)| inside("filters", inside(&format!("[{at}]"), self.filters.find(name)));
        Ok(collect(names.iter().enumerate().map(filter))?.into_iter().flatten().collect())
    }

    fn formatter_of(&self, arguments: &mut Arguments<'_>) -> Checked<Option<Arc<dyn Formatter>>> {
        if arguments.is_absent("formatter") {
            arguments.value("formatter");
            return Ok(None);
        }
        let Some(name) = arguments.text("formatter")? else { return Ok(None) };
        inside("formatter", self.formatters.find(&name))
    }
}

/// Whether the handlers that this one names are built, or have faults.
fn is_ready(table: &Map<String, Value>, built: &Built<Arc<InstalledHandler>>) -> bool {
    targets(table).all(|name| built.objects.contains_key(name) || built.faulty.contains(name))
}

/// Checks that loggers name existing handlers and filters.
fn check_names(
    plan: &Plan,
    filters: &Built<Arc<dyn Filter>>,
    handlers: &Built<Arc<InstalledHandler>>,
    faults: &mut Faults,
) {
    let mut check = |logger: &LoggerPlan, place: &dyn Fn(Fault) -> Fault| {
        let handlers = check_each(&logger.handlers, handlers);
        for fault in handlers.into_iter().chain(check_each(&logger.filters, filters)) {
            faults.add(place(fault));
        }
    };
    for (name, logger) in &plan.loggers {
        check(logger, &|fault| fault.inside(&redact::key(name)).inside("loggers"));
    }
    if let Some(root) = &plan.root {
        check(root, &|fault| fault.inside("root"));
    }
}

fn check_each<T: Clone>(names: &Option<Vec<String>>, built: &Built<T>) -> Vec<Fault> {
    let faults = |(at, name): (usize, &String)| {
        let faults = built.find(name).err().unwrap_or_default();
        faults.into_iter().map(move |fault| fault.inside(&format!("[{at}]")).inside(built.section))
    };
    names.iter().flatten().enumerate().flat_map(faults).collect()
}
