//! The arguments that a configuration gives to a handler, a filter or a formatter.

use std::collections::BTreeMap;
use std::sync::Arc;

use opencensus_settings::checked::inside;
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build::values::{self, redact_value};
use crate::filters::Filter;
use crate::formatters::{Formatter, StandardFormatter};
use crate::handlers::{Handler, InstalledHandler};
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
    // Handlers that are built already.
    handlers: &'a BTreeMap<String, Arc<InstalledHandler>>,
    in_foreground: bool,
    // Arguments that the factory has read, or tried to.
    known: Vec<&'static str>,
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
        handlers: &'a BTreeMap<String, Arc<InstalledHandler>>,
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
            known: Vec::new(),
        };
        if let Some(Value::Object(attributes)) = arguments.values.remove(".") {
            arguments.attributes = attributes;
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

    /// A whole number that is not negative.
    ///
    /// # Errors
    ///
    /// The value is not such a number.
    pub fn number(&mut self, key: &'static str) -> Checked<Option<u64>> {
        self.checked(key, "write a whole number from 0", Value::as_u64)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    ///
    /// The value is neither of them.
    pub fn flag(&mut self, key: &'static str) -> Checked<Option<bool>> {
        self.checked(key, "write `true` or `false`", Value::as_bool)
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

    /// For handlers: a built-in handler with these arguments, to be wrapped.
    ///
    /// A wrapper passes on `emit`, `flush` and `close`. Its statistics do not contain the mails of a wrapped
    /// `mail_admins`, which takes over no mails of an earlier process.
    ///
    /// # Errors
    ///
    /// There is no such class, or the arguments are not valid for it.
    pub fn built_in_handler(&mut self, class: &str) -> Checked<Box<dyn Handler>> {
        self.built_in.handler(class, self)
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
        let missing =
            || vec![Fault::new(redact::text(name), "name another handler, which does not lead back to this one")];
        self.handlers.get(name).cloned().ok_or_else(missing)
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

    /// Whether the handler runs on the caller's thread, unless the configuration sets `background`.
    pub(crate) fn in_foreground(&self) -> bool {
        self.in_foreground
    }

    /// The value of an argument that is read later.
    pub(super) fn peek(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Removes an argument that has no effect.
    pub(super) fn ignore(&mut self, key: &str) {
        self.values.remove(key);
    }

    /// An attribute that is set by `.`, such as `terminator`.
    pub(super) fn attribute(&mut self, key: &str) -> Option<String> {
        self.attributes.remove(key).and_then(|value| value.as_str().map(str::to_owned))
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
