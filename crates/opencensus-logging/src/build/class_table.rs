//! The classes of one kind.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use opencensus_settings::Checked;
use opencensus_settings::checked::fault;
use opencensus_settings::redact;

use crate::build::arguments::Arguments;
use crate::build::class_advice::remedy;

/// Builds an object from the arguments that a configuration gives.
pub(crate) type Factory<T> = Arc<dyn Fn(&mut Arguments<'_>) -> Checked<T> + Send + Sync>;

/// The classes of one kind, such as handlers: those of this crate, and those that the program adds.
pub(crate) struct ClassTable<T> {
    /// Such as "handler", for faults.
    kind: &'static str,
    built_in: Vec<BuiltInClass<T>>,
    /// Classes of other packages that a class of this crate replaces.
    foreign: Vec<BuiltInClass<T>>,
    custom: RwLock<BTreeMap<String, Factory<T>>>,
}

/// A class of this crate.
struct BuiltInClass<T> {
    /// This crate's name, then Python's and Django's.
    names: &'static [&'static str],
    factory: Factory<T>,
}

impl<T> ClassTable<T> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, built_in: Vec::new(), foreign: Vec::new(), custom: RwLock::default() }
    }

    /// Adds a class of this crate; its own name comes first.
    pub(crate) fn add_built_in(
        &mut self,
        names: &'static [&'static str],
        factory: impl Fn(&mut Arguments<'_>) -> Checked<T> + Send + Sync + 'static,
    ) {
        self.built_in.push(BuiltInClass { names, factory: Arc::new(factory) });
    }

    /// Adds classes of another package, which are never suggested.
    pub(crate) fn add_foreign(
        &mut self,
        names: &'static [&'static str],
        factory: impl Fn(&mut Arguments<'_>) -> Checked<T> + Send + Sync + 'static,
    ) {
        self.foreign.push(BuiltInClass { names, factory: Arc::new(factory) });
    }

    /// Adds a class of the program, which replaces one of the same name.
    pub(crate) fn add_custom(
        &self,
        name: String,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<T> + Send + Sync + 'static,
    ) {
        self.custom.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::new(factory));
    }

    /// Whether the program has added a class.
    pub(crate) fn has_custom(&self) -> bool {
        !self.custom.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whether objects of this class are built by this crate, whose factories read all arguments before they fail.
    pub(crate) fn is_built_in(&self, class: &str) -> bool {
        self.custom_factory(class).is_none() && self.built_in_class(class).is_some()
    }

    pub(crate) fn contains(&self, class: &str) -> bool {
        self.custom_factory(class).is_some() || self.built_in_class(class).is_some()
    }

    /// Builds an object of a class.
    pub(crate) fn build(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<T> {
        match self.custom_factory(class) {
            Some(factory) => factory(arguments),
            None => self.build_built_in(class, arguments),
        }
    }

    /// Builds an object of a class of this crate, even if the program replaced the class.
    pub(crate) fn build_built_in(&self, class: &str, arguments: &mut Arguments<'_>) -> Checked<T> {
        let Some(class) = self.built_in_class(class) else {
            let known: Vec<_> = self.built_in.iter().map(|class| class.names).collect();
            let found = format!("{}, which is not a {} class", redact::text(class), self.kind);
            return fault(found, remedy(class, self.kind, &known, cfg!(feature = "mail")));
        };
        (class.factory)(arguments)
    }

    /// Cloned: a factory runs without the lock.
    fn custom_factory(&self, class: &str) -> Option<Factory<T>> {
        self.custom.read().unwrap_or_else(PoisonError::into_inner).get(class).cloned()
    }

    fn built_in_class(&self, class: &str) -> Option<&BuiltInClass<T>> {
        self.built_in.iter().chain(&self.foreign).find(|built_in| built_in.names.contains(&class))
    }
}
