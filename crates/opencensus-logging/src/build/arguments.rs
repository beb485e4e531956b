//! The arguments that a configuration gives to a handler, a filter or a formatter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use opencensus_settings::checked::inside;
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build::values::{self, redact_value};
use crate::filters::Filter;
use crate::formatters::{Formatter, StandardFormatter};
use crate::handlers::{Handler, InstalledHandler, WrappedHandler};
use crate::level::Level;
use crate::shared::Shared;

/// The arguments that a configuration gives to a handler, a filter or a formatter: the keys of its table. A factory
/// reads each argument once; an argument that it does not read is a fault.
///
/// # Examples
///
/// ```
/// use opencensus_logging::config::{Arguments, Checked};
/// use opencensus_logging::filters::{CallbackFilter, Filter};
/// use opencensus_logging::{Level, Logging};
/// use std::sync::Arc;
///
/// fn at_least(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
///     let lowest = arguments.level("level")?.unwrap_or(Level::NOTSET);
///     Ok(Arc::new(CallbackFilter::new(move |record| record.level >= lowest)))
/// }
///
/// let logging = Logging::builder().with_filter_class("at_least", at_least).build();
/// logging.configure_toml(r#"
///     version = 1
///     filters.errors = { "()" = "at_least", level = "ERROR" }
///     handlers.console = { class = "console", filters = ["errors"] }
///     root.handlers = ["console"]
/// "#)?;
/// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
/// ```
pub struct Arguments<'a> {
    name: &'a str,
    values: Map<String, Value>,
    attributes: Map<String, Value>,
    pub(super) shared: &'a Arc<Shared>,
    built_in: &'a dyn BuiltInClasses,
    formatter: Option<Arc<dyn Formatter>>,
    handlers: BuiltHandlers<'a>,
    in_foreground: bool,
    is_rehearsal: bool,
    // Arguments that the factory has read, or tried to.
    known: Vec<&'static str>,
    // Built-in handlers that the factory wraps.
    wrapped: Vec<WrappedHandler>,
    // Faults of arguments after which a built-in factory went on.
    faults: Vec<Fault>,
}

/// The handlers of a configuration that are built already.
#[derive(Clone, Copy)]
pub(crate) struct BuiltHandlers<'a> {
    pub(crate) built: &'a BTreeMap<String, Arc<InstalledHandler>>,
    /// The names of those with faults.
    pub(crate) faulty: &'a BTreeSet<String>,
}

/// Builds objects of this crate's classes, for factories that wrap them.
pub(crate) trait BuiltInClasses {
    fn handler(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>>;

    fn filter(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>>;

    fn formatter(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>>;
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(
        name: &'a str,
        values: Map<String, Value>,
        shared: &'a Arc<Shared>,
        built_in: &'a dyn BuiltInClasses,
        handlers: BuiltHandlers<'a>,
    ) -> Self {
        let mut arguments = Self {
            name,
            values,
            attributes: Map::new(),
            shared,
            built_in,
            formatter: None,
            handlers,
            in_foreground: false,
            is_rehearsal: false,
            known: Vec::new(),
            wrapped: Vec::new(),
            faults: Vec::new(),
        };
        match arguments.values.remove(".") {
            Some(Value::Object(attributes)) => arguments.attributes = attributes,
            Some(Value::Null) | None => {}
            Some(other) => arguments.faults.push(Fault::new(redact_value(&other), "write a table").inside(".")),
        }
        arguments
    }

    /// The name that the configuration gives to the object.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// The value of an argument, without any check.
    pub fn value(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.values.remove(key).filter(|value| !value.is_null())
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// The value is not a string.
    pub fn text(&mut self, key: &'static str) -> Checked<Option<String>> {
        self.checked(key, "write a text", |value| value.as_str().map(str::to_owned))
    }

    /// A string that must be given.
    ///
    /// # Errors
    ///
    /// The value is not a string, or absent.
    pub fn required_text(&mut self, key: &'static str) -> Checked<String> {
        let missing = || vec![Fault::new("nothing", format!("write `{key} = \"…\"`")).inside(key)];
        self.text(key)?.ok_or_else(missing)
    }

    /// A whole number that is not negative, also as a text, such as that of a variable.
    ///
    /// # Errors
    ///
    /// The value is not such a number.
    pub fn number(&mut self, key: &'static str) -> Checked<Option<u64>> {
        let dialect = self.shared.dialect;
        self.checked(key, "write a whole number from 0", |value| values::whole_number(value, dialect))
    }

    /// `true` or `false`, also as 1 or 0 or as a text such as `no`. In [Python's dialect](crate::Dialect) any value is
    /// true that Python takes for true.
    ///
    /// # Errors
    ///
    /// The value is none of them.
    pub fn flag(&mut self, key: &'static str) -> Checked<Option<bool>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        inside(key, values::flag(&value, self.shared.dialect)).map(Some)
    }

    /// A level, by name or number.
    ///
    /// # Errors
    ///
    /// There is no such level.
    pub fn level(&mut self, key: &'static str) -> Checked<Option<Level>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        inside(key, values::level(&value, self.shared)).map(Some)
    }

    fn checked<T>(
        &mut self,
        key: &'static str,
        remedy: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Checked<Option<T>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let invalid = || vec![Fault::new(redact_value(&value), remedy).inside(key)];
        read(&value).map(Some).ok_or_else(invalid)
    }

    /// Sets an argument that the configuration does not give, for classes that wrap others.
    pub fn set_default(&mut self, key: &str, value: impl Into<Value>) {
        self.values.entry(key).or_insert_with(|| value.into());
    }

    /// For handlers: the formatter that the configuration names, or one that writes the message.
    #[must_use]
    pub fn formatter(&self) -> Arc<dyn Formatter> {
        self.formatter.clone().unwrap_or_else(|| {
            Arc::new(StandardFormatter::message_only().with_context(Arc::clone(&self.shared.context)))
        })
    }

    /// The formatter that the configuration names.
    pub(super) fn named_formatter(&self) -> Option<Arc<dyn Formatter>> {
        self.formatter.clone()
    }

    /// For handlers: a built-in handler with these arguments, to be wrapped.
    ///
    /// A wrapper passes on `emit`, `flush` and `close`. Its statistics contain the mails of a wrapped `mail_admins`,
    /// which takes over the mails of an earlier process.
    ///
    /// # Errors
    ///
    /// There is no such class, or the arguments are not valid for it.
    pub fn built_in_handler(&mut self, class: &str) -> Checked<Box<dyn Handler>> {
        let handler = WrappedHandler::new(self.built_in.handler(class, self)?);
        self.wrapped.push(handler.clone());
        Ok(Box::new(handler))
    }

    /// For formatters: a built-in formatter with these arguments, to be wrapped.
    ///
    /// # Errors
    ///
    /// There is no such class, or the arguments are not valid for it.
    pub fn built_in_formatter(&mut self, class: &str) -> Checked<Arc<dyn Formatter>> {
        self.built_in.formatter(class, self)
    }

    /// For filters: a built-in filter with these arguments, to be wrapped.
    ///
    /// # Errors
    ///
    /// There is no such class, or the arguments are not valid for it.
    pub fn built_in_filter(&mut self, class: &str) -> Checked<Arc<dyn Filter>> {
        self.built_in.filter(class, self)
    }

    /// For handlers that never wait, or that need the caller's thread: runs the handler there, unless the configuration
    /// sets `background = true`. Default: handlers run in the background.
    pub fn set_foreground(&mut self) {
        self.in_foreground = true;
    }

    /// Another handler of the same configuration.
    ///
    /// # Errors
    ///
    /// There is no handler of this name, or it needs this one itself.
    pub fn handler(&self, name: &str) -> Checked<Arc<InstalledHandler>> {
        if self.handlers.faulty.contains(name) {
            // Its faults are reported already.
            return Err(Vec::new());
        }
        let missing =
            || vec![Fault::new(redact::text(name), "name another handler, which does not lead back to this one")];
        self.handlers.built.get(name).cloned().ok_or_else(missing)
    }

    /// The class, by `()` or `class`.
    pub(crate) fn class(&mut self, default: Option<&str>) -> Checked<String> {
        let key = if self.values.contains_key("()") { "()" } else { "class" };
        match self.values.remove(key) {
            Some(Value::String(class)) => Ok(class.strip_prefix("ext://").map(str::to_owned).unwrap_or(class)),
            Some(other) => Err(vec![Fault::new(redact_value(&other), "write the name of a class").inside(key)]),
            None => default.map(str::to_owned).ok_or_else(|| {
                vec![Fault::new("nothing", "write the class of the handler, such as `class = \"console\"`").inside(key)]
            }),
        }
    }

    /// Sets the formatter that the configuration names.
    pub(crate) fn set_formatter(&mut self, formatter: Option<Arc<dyn Formatter>>) {
        self.formatter = formatter;
    }

    /// Notes the faults of an argument, so that those of the other arguments are reported as well. `None`: it is faulty,
    /// or absent.
    pub(crate) fn note<T>(&mut self, checked: Checked<Option<T>>) -> Option<T> {
        checked.unwrap_or_else(|faults| {
            self.faults.extend(faults);
            None
        })
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, key: &str, fault: Fault) {
        self.faults.push(fault.inside(key));
    }

    /// A [text](Self::text); its faults are noted.
    pub(super) fn noted_text(&mut self, key: &'static str) -> Option<String> {
        let text = self.text(key);
        self.note(text)
    }

    /// A [number](Self::number), by one of these names; its faults are noted.
    pub(super) fn noted_number(&mut self, keys: &[&'static str]) -> Option<u64> {
        let numbers = keys.iter().map(|key| {
            let number = self.number(key);
            self.note(number)
        });
        numbers.fold(None, Option::or)
    }

    /// A [flag](Self::flag), by one of these names; its faults are noted.
    pub(super) fn noted_flag(&mut self, keys: &[&'static str]) -> Option<bool> {
        let flags = keys.iter().map(|key| {
            let flag = self.flag(key);
            self.note(flag)
        });
        flags.fold(None, Option::or)
    }

    /// A [level](Self::level), by one of these names; its faults are noted.
    pub(super) fn noted_level(&mut self, keys: &[&'static str]) -> Option<Level> {
        let levels = keys.iter().map(|key| {
            let level = self.level(key);
            self.note(level)
        });
        levels.fold(None, Option::or)
    }

    /// Whether the object is not used: the configuration has faults, and the rest of them is looked for. Files are not
    /// opened then.
    pub(super) fn is_rehearsal(&self) -> bool {
        self.is_rehearsal || !self.faults.is_empty()
    }

    /// Builds only to find faults.
    pub(crate) fn rehearse(&mut self, is_rehearsal: bool) {
        self.is_rehearsal = is_rehearsal;
    }

    /// Whether the handler runs on the caller's thread, unless the configuration sets `background`.
    pub(crate) fn in_foreground(&self) -> bool {
        self.in_foreground
    }

    /// Whether an argument that is read later counts as absent where Python tests its truth.
    pub(crate) fn is_absent(&self, key: &str) -> bool {
        self.values.get(key).is_none_or(|value| values::is_absent(value, self.shared.dialect))
    }

    /// The value of an argument that is read later.
    pub(super) fn peek(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Removes an argument that has no effect.
    pub(super) fn ignore(&mut self, key: &str) {
        self.values.remove(key);
    }

    /// Ignores the arguments that were not read, for classes of other packages.
    pub(super) fn ignore_rest(&mut self) {
        self.values.clear();
    }

    /// An attribute that is set by `.`, such as `terminator`.
    pub(super) fn attribute(&mut self, key: &str) -> Option<String> {
        self.attributes.remove(key).and_then(|value| value.as_str().map(str::to_owned))
    }

    /// The built-in handlers that the factory wraps.
    pub(crate) fn take_wrapped(&mut self) -> Vec<WrappedHandler> {
        std::mem::take(&mut self.wrapped)
    }

    /// The faults that the factory noted.
    pub(crate) fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    /// Faults for the arguments that the factory did not read.
    pub(crate) fn unknown(&self) -> Vec<Fault> {
        let known: Vec<&str> = self.known.clone();
        let argument = |key: &String| Fault::new("an unknown argument", nearest(key, &known)).inside(&redact::key(key));
        let attribute = |key: &String| {
            Fault::new("an unknown attribute", "`terminator` is the only one").inside(&redact::key(key)).inside(".")
        };
        self.values.keys().map(argument).chain(self.attributes.keys().map(attribute)).collect()
    }
}
