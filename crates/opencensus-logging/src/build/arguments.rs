//! What a configuration gives to a handler, a filter or a formatter.

use std::collections::BTreeMap;
use std::sync::Arc;

use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use serde_json::{Map, Value};

use crate::build;
use crate::config::plan::{self, shown_value};
use crate::filters::Filter;
use crate::formatters::{Formatter, StandardFormatter};
use crate::handlers::{Handler, InstalledHandler};
use crate::level::Level;
use crate::logging::System;

/// What a configuration gives to a handler, a filter or a formatter: the keys of its table. Each is asked for once;
/// what nobody asked for is a fault.
pub struct Arguments<'a> {
    pub(crate) name: &'a str,
    pub(crate) values: Map<String, Value>,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) system: &'a Arc<System>,
    pub(crate) formatter: Option<Arc<dyn Formatter>>,
    /// Handlers that are built already.
    pub(crate) handlers: &'a BTreeMap<String, Arc<InstalledHandler>>,
    /// The handler never waits.
    pub(crate) in_foreground: bool,
    known: Vec<&'static str>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(
        name: &'a str,
        values: Map<String, Value>,
        system: &'a Arc<System>,
        handlers: &'a BTreeMap<String, Arc<InstalledHandler>>,
    ) -> Self {
        let mut arguments = Self {
            name,
            values,
            attributes: Map::new(),
            system,
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

    /// The name of what is being made.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// The value of a key, as it stands.
    pub fn value(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.values.remove(key).filter(|value| !value.is_null())
    }

    /// A text.
    ///
    /// # Errors
    ///
    /// It is something else.
    pub fn text(&mut self, key: &'static str) -> Checked<Option<String>> {
        self.checked(key, "write a text", |value| value.as_str().map(str::to_owned))
    }

    /// A text that must be there.
    ///
    /// # Errors
    ///
    /// It is something else, or is not there.
    pub fn required_text(&mut self, key: &'static str) -> Checked<String> {
        let missing = || vec![Fault::new("nothing", format!("write `{key} = \"…\"`")).inside(key)];
        self.text(key)?.ok_or_else(missing)
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    ///
    /// It is something else.
    pub fn number(&mut self, key: &'static str) -> Checked<Option<u64>> {
        self.checked(key, "write a whole number from 0", Value::as_u64)
    }

    /// Yes or no.
    ///
    /// # Errors
    ///
    /// It is something else.
    pub fn flag(&mut self, key: &'static str) -> Checked<Option<bool>> {
        self.checked(key, "write `true` or `false`", Value::as_bool)
    }

    /// A level.
    ///
    /// # Errors
    ///
    /// There is no such level.
    pub fn level(&mut self, key: &'static str) -> Checked<Option<Level>> {
        let shared = Arc::clone(&self.system.shared);
        let Some(value) = self.value(key) else { return Ok(None) };
        opencensus_settings::checked::inside(key, plan::level(&value, &shared)).map(Some)
    }

    fn checked<T>(
        &mut self,
        key: &'static str,
        remedy: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Checked<Option<T>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let wrong = || vec![Fault::new(shown_value(&value), remedy).inside(key)];
        read(&value).map(Some).ok_or_else(wrong)
    }

    /// Gives an argument as if the configuration did, for classes that build on others. One that is there stays.
    pub fn set_default(&mut self, key: &str, value: impl Into<Value>) {
        self.values.entry(key).or_insert_with(|| value.into());
    }

    /// For handlers: the formatter that the configuration names, or one that writes the message.
    #[must_use]
    pub fn formatter(&self) -> Arc<dyn Formatter> {
        self.formatter.clone().unwrap_or_else(|| {
            Arc::new(StandardFormatter::message_only().with_context(Arc::clone(&self.system.shared.context)))
        })
    }

    /// For handlers: a built-in handler with these arguments, to be wrapped.
    ///
    /// # Errors
    ///
    /// There is no such class, or the arguments do not suit it.
    pub fn built_in_handler(&mut self, class: &str) -> Checked<Box<dyn Handler>> {
        build::handler(class, self)
    }

    /// For formatters: a built-in formatter with these arguments, to be wrapped.
    ///
    /// # Errors
    ///
    /// There is no such class, or the arguments do not suit it.
    pub fn built_in_formatter(&mut self, class: &str) -> Checked<Arc<dyn Formatter>> {
        build::formatter(class, self)
    }

    /// For filters: a built-in filter with these arguments, to be wrapped.
    ///
    /// # Errors
    ///
    /// There is no such class, or the arguments do not suit it.
    pub fn built_in_filter(&mut self, class: &str) -> Checked<Arc<dyn Filter>> {
        build::filter(class, self)
    }

    /// For handlers that never wait, or must see the caller's thread: they work there, unless the configuration says
    /// `background = true`.
    pub fn set_foreground(&mut self) {
        self.in_foreground = true;
    }

    /// Another handler of the same configuration.
    ///
    /// # Errors
    ///
    /// There is none of this name, or it needs this one itself.
    pub fn handler(&self, name: &str) -> Checked<Arc<InstalledHandler>> {
        let missing = || vec![Fault::new(redact::text(name), "name another handler, which does not lead back here")];
        self.handlers.get(name).cloned().ok_or_else(missing)
    }

    /// An attribute by `.`, such as `terminator`.
    pub(crate) fn attribute(&mut self, key: &str) -> Option<String> {
        self.attributes.remove(key).and_then(|value| value.as_str().map(str::to_owned))
    }

    /// Keys that nobody asked for.
    pub(crate) fn leftovers(&self) -> Vec<Fault> {
        let known: Vec<&str> = self.known.clone();
        let unknown = |key: &String| Fault::new("an unknown argument", nearest(key, &known)).inside(&redact::key(key));
        let unset = |key: &String| {
            Fault::new("an unknown attribute", "`terminator` is the only one").inside(&redact::key(key)).inside(".")
        };
        self.values.keys().map(unknown).chain(self.attributes.keys().map(unset)).collect()
    }
}
