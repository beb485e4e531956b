//! The builder of a logging system.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::tz::TimeZone;
use opencensus_settings::Checked;
use serde_json::Value;

use crate::build::{Arguments, ClassRegistry, register_built_in};
use crate::dialect::Dialect;
use crate::filters::{Callback, Filter};
use crate::formatters::{Escaping, FormatContext, Formatter, ProcessInfo, StandardFormatter};
use crate::handlers::{Handler, StreamHandler};
use crate::logging::handle::Registrations;
use crate::logging::{Configurator, Logging};
#[cfg(feature = "mail")]
use crate::mail::{MailBackend, MailContext, MailSettings, SharedBackend};
use crate::record::{Record, Trace};
use crate::shared::{Shared, Variables};
use crate::stream::Stream;
use crate::system::System;

/// Builds a [`Logging`].
///
/// # Examples
///
/// ```
/// use opencensus_logging::{Dialect, Logging};
///
/// let logging = Logging::builder()
///     .with_dialect(Dialect::Python)
///     .with_callback("shop.no_health_checks", |record| record.field("path").is_none_or(|path| path != "/health"))
///     .build();
/// ```
#[derive(Default)]
pub struct LoggingBuilder {
    dialect: Dialect,
    stdout: Option<Stream>,
    stderr: Option<Stream>,
    time_zone: Option<TimeZone>,
    process: Option<ProcessInfo>,
    last_resort: Option<Box<dyn Handler>>,
    variables: Option<Variables>,
    classes: ClassRegistry,
    callbacks: BTreeMap<String, Callback>,
    configurators: BTreeMap<String, Configurator>,
    #[cfg(feature = "mail")]
    mail: MailSettings,
    #[cfg(feature = "mail")]
    mail_backends: BTreeMap<String, SharedBackend>,
}

/// There is no time zone of this name.
///
/// # Examples
///
/// ```
/// let error = opencensus_logging::Logging::builder().with_time_zone("Europe/Zuerich").unwrap_err();
/// assert!(error.to_string().contains("`Europe/Zuerich`"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no time zone `{0}`; write one such as `Europe/Zurich`")]
pub struct UnknownTimeZone(String);

impl Logging {
    /// A builder with default settings.
    #[must_use]
    pub fn builder() -> LoggingBuilder {
        LoggingBuilder::default()
    }
}

impl LoggingBuilder {
    /// Sets the compatibility mode. Default: [`Dialect::Native`].
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets the stream that handlers use as standard output.
    #[must_use]
    pub fn with_stdout(mut self, stream: Stream) -> Self {
        self.stdout = Some(stream);
        self
    }

    /// Sets the stream that handlers use as standard error. Messages about logging itself go there, too.
    #[must_use]
    pub fn with_stderr(mut self, stream: Stream) -> Self {
        self.stderr = Some(stream);
        self
    }

    /// Sets the time zone of times in formats and file names, such as `Europe/Zurich`. Default: the system's.
    ///
    /// # Errors
    ///
    /// There is no such time zone, or no time zone database.
    pub fn with_time_zone(mut self, name: &str) -> Result<Self, UnknownTimeZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownTimeZone(name.to_owned()))?;
        self.time_zone = Some(zone);
        Ok(self)
    }

    /// Sets the process that formats show. Default: the current one.
    #[must_use]
    pub fn with_process(mut self, process: ProcessInfo) -> Self {
        self.process = Some(process);
        self
    }

    /// Sets the mail settings of handlers of the class `mail_admins`.
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn with_mail(mut self, mail: MailSettings) -> Self {
        self.mail = mail;
        self
    }

    /// Sets the function that looks up `${NAME}` in configurations. Default: environment variables.
    #[must_use]
    pub fn with_variables(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.variables = Some(Box::new(lookup));
        self
    }

    /// Sets the handler of records, from WARNING on, that reach no other handler. Default: standard error.
    #[must_use]
    pub fn with_last_resort(mut self, handler: impl Handler + 'static) -> Self {
        self.last_resort = Some(Box::new(handler));
        self
    }

    /// Adds a handler class, which configurations name by `class` or `()`. It replaces a built-in class of the same
    /// name.
    #[must_use]
    pub fn with_handler_class(
        self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Box<dyn Handler>> + Send + Sync + 'static,
    ) -> Self {
        self.classes.handlers.add_custom(name.into(), factory);
        self
    }

    /// Adds a filter class, which configurations name by `()`. The other keys of its table are arguments.
    #[must_use]
    pub fn with_filter_class(
        self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Arc<dyn Filter>> + Send + Sync + 'static,
    ) -> Self {
        self.classes.filters.add_custom(name.into(), factory);
        self
    }

    /// Adds a formatter class, which configurations name by `class` or `()`.
    #[must_use]
    pub fn with_formatter_class(
        self,
        name: impl Into<String>,
        factory: impl Fn(&mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> + Send + Sync + 'static,
    ) -> Self {
        self.classes.formatters.add_custom(name.into(), factory);
        self
    }

    /// Adds a function that a `CallbackFilter` of a configuration can name, and that decides whether a record passes.
    #[must_use]
    pub fn with_callback(
        self,
        name: impl Into<String>,
        callback: impl Fn(&Record) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_changing_callback(name, move |record| callback(record))
    }

    /// Adds a function that a `CallbackFilter` of a configuration can name, and that may also change a record, by
    /// [`Arc::make_mut`].
    #[must_use]
    pub fn with_changing_callback(
        mut self,
        name: impl Into<String>,
        callback: impl Fn(&mut Arc<Record>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.callbacks.insert(name.into(), Arc::new(callback));
        self
    }

    /// Adds a mail backend that a handler can name by `email_backend` or `using`.
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn with_mail_backend(mut self, name: impl Into<String>, backend: impl MailBackend + 'static) -> Self {
        self.mail_backends.insert(name.into(), Arc::new(backend));
        self
    }

    /// Adds a function that `LOGGING_CONFIG` can name. It receives `LOGGING`, whose form it defines.
    #[must_use]
    pub fn with_configurator(
        mut self,
        name: impl Into<String>,
        configurator: impl Fn(&Logging, &Value) -> Checked<()> + Send + Sync + 'static,
    ) -> Self {
        self.configurators.insert(name.into(), Arc::new(configurator));
        self
    }

    /// Builds the logging system.
    #[must_use]
    pub fn build(self) -> Logging {
        let escaping = if self.dialect == Dialect::Python { Escaping::None } else { Escaping::Controls };
        let is_strict = self.dialect == Dialect::Python;
        let mut context = FormatContext { escaping, is_strict, ..FormatContext::default() };
        context.time_zone = self.time_zone.unwrap_or(context.time_zone);
        context.has_given_process = self.process.is_some();
        context.process = self.process.unwrap_or(context.process);
        let stdout = self.stdout.unwrap_or_else(|| Stream::new(io::stdout()));
        let stderr = self.stderr.unwrap_or_else(|| Stream::new(io::stderr()));
        let variables = self.variables.unwrap_or_else(|| Box::new(|name| std::env::var(name).ok()));
        let shared = Arc::new(Shared::new(self.dialect, stdout, stderr, context, current_trace, variables));
        let reads_requests = self.classes.has_custom() || !self.callbacks.is_empty();
        let last_resort = self.last_resort.unwrap_or_else(|| {
            let formatter = StandardFormatter::message_only().with_context(Arc::clone(&shared.context));
            Box::new(StreamHandler::new(shared.stderr.clone(), Arc::new(formatter)))
        });
        let mut classes = self.classes;
        register_built_in(&mut classes, self.callbacks);
        #[cfg(feature = "mail")]
        let mail = Arc::new(MailContext::new(self.mail, self.mail_backends));
        #[cfg(feature = "mail")]
        crate::build::register_mail_admins(&mut classes, &mail);
        #[cfg(feature = "mail")]
        crate::build::register_smtp(&mut classes, &mail);
        let registrations = Registrations {
            classes,
            configurators: self.configurators,
            reads_requests: AtomicBool::new(reads_requests),
            #[cfg(feature = "mail")]
            mail,
        };
        Logging { system: Arc::new(System::new(shared, last_resort)), registrations: Arc::new(registrations) }
    }
}

#[cfg(feature = "core")]
fn current_trace() -> Option<Trace> {
    let context = opencensus_core::current::context()?;
    let sampled = context.flags().is_sampled();
    Some(Trace::new(context.trace_id().to_bytes(), context.span_id().to_bytes(), sampled))
}

#[cfg(not(feature = "core"))]
fn current_trace() -> Option<Trace> {
    None
}

impl fmt::Debug for LoggingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggingBuilder").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}
