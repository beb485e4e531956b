//! What configurations may name besides the built-in classes.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use opencensus_settings::Checked;

use crate::build::Arguments;
use crate::filters::{Callback, Filter};
use crate::formatters::Formatter;
use crate::handlers::Handler;
use crate::logging::{Logging, LoggingBuilder, System};
use crate::record::Record;

/// Makes something out of what a configuration gives.
pub(crate) type Factory<T> = Arc<dyn Fn(&mut Arguments<'_>) -> Checked<T> + Send + Sync>;
/// Configures by a shape of its own.
pub(crate) type Configurator = Arc<dyn Fn(&Logging, &serde_json::Value) -> Checked<()> + Send + Sync>;

/// Handlers, filters, formatters, functions and configurators by name.
#[derive(Clone, Default)]
pub(crate) struct Factories {
    pub(crate) handlers: BTreeMap<String, Factory<Box<dyn Handler>>>,
    pub(crate) filters: BTreeMap<String, Factory<Arc<dyn Filter>>>,
    pub(crate) formatters: BTreeMap<String, Factory<Arc<dyn Formatter>>>,
    pub(crate) callbacks: BTreeMap<String, Callback>,
    pub(crate) configurators: BTreeMap<String, Configurator>,
    #[cfg(feature = "mail")]
    pub(crate) mail_backends: BTreeMap<String, crate::mail::SharedBackend>,
}

impl Logging {
    /// Handlers of one's own, by `class` or `()`, for configurations from now on: for handlers that need something
    /// which is made later than the system. A name that is known is replaced.
    pub fn add_handler_class(
        &self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Box<dyn Handler>> + Send + Sync + 'static,
    ) {
        let mut added = self.system().added_handlers.write().unwrap_or_else(PoisonError::into_inner);
        added.insert(name.into(), Arc::new(factory));
    }
}

impl System {
    /// Who makes handlers of this class, if it is not built in.
    pub(crate) fn handler_factory(&self, class: &str) -> Option<Factory<Box<dyn Handler>>> {
        let added = self.added_handlers.read().unwrap_or_else(PoisonError::into_inner);
        added.get(class).or_else(|| self.factories.handlers.get(class)).cloned()
    }
}

impl LoggingBuilder {
    /// Handlers of one's own, by `class` or `()`. A name that is built in is replaced.
    #[must_use]
    pub fn with_handler_class(
        mut self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Box<dyn Handler>> + Send + Sync + 'static,
    ) -> Self {
        self.factories.handlers.insert(name.into(), Arc::new(factory));
        self
    }

    /// Filters of one's own, by `()`. Other keys are arguments.
    #[must_use]
    pub fn with_filter_class(
        mut self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Arc<dyn Filter>> + Send + Sync + 'static,
    ) -> Self {
        self.factories.filters.insert(name.into(), Arc::new(factory));
        self
    }

    /// Formatters of one's own, by `class` or `()`.
    #[must_use]
    pub fn with_formatter_class(
        mut self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> + Send + Sync + 'static,
    ) -> Self {
        self.factories.formatters.insert(name.into(), Arc::new(factory));
        self
    }

    /// A function that a `CallbackFilter` may name.
    #[must_use]
    pub fn with_callback(
        mut self,
        name: impl Into<String>,
        callback: impl Fn(&mut Arc<Record>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.factories.callbacks.insert(name.into(), Arc::new(callback));
        self
    }

    /// A mail backend that a handler may name by `email_backend`, or by `using`.
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn with_mail_backend(
        mut self,
        name: impl Into<String>,
        backend: impl crate::mail::MailBackend + 'static,
    ) -> Self {
        self.factories.mail_backends.insert(name.into(), Arc::new(backend));
        self
    }

    /// A function that `LOGGING_CONFIG` may name: it gets `LOGGING` in its own shape.
    #[must_use]
    pub fn with_configurator(
        mut self,
        name: impl Into<String>,
        configurator: impl Fn(&Logging, &serde_json::Value) -> Checked<()> + Send + Sync + 'static,
    ) -> Self {
        self.factories.configurators.insert(name.into(), Arc::new(configurator));
        self
    }
}
