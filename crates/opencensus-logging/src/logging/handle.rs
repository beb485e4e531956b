//! A logging system: loggers, handlers and how they are changed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::build::{Factories, Factory};
use crate::dialect::Dialect;
use crate::formatters::{Escaping, FormatContext, ProcessInfo, StandardFormatter};
use crate::handlers::{Handler, HandlerStats, InstalledHandler, Stream, StreamHandler, deadline};
use crate::level::Level;
use crate::lock::lock;
use crate::logger::Logger;
use crate::record::{Record, Trace};
use crate::registry::{LoggerChange, LoggerState, Tree, canonical};
use crate::shared::{Shared, Variables};

/// Loggers and handlers, and how they are changed. Cheap to clone; all clones are the same system.
///
/// Most programs have one, the [global](Self::global) one.
#[derive(Clone)]
pub struct Logging {
    system: Arc<System>,
}

/// What a [`Logging`] and its loggers share.
pub(crate) struct System {
    pub(crate) shared: Arc<Shared>,
    pub(crate) factories: Factories,
    #[cfg(feature = "mail")]
    mail: RwLock<Arc<crate::mail::MailSettings>>,
    /// Of handlers that were not known when the system was made.
    pub(crate) added_handlers: RwLock<BTreeMap<String, Factory<Box<dyn Handler>>>>,
    tree: Mutex<Tree>,
    last_resort: RwLock<Option<Arc<InstalledHandler>>>,
    complained: AtomicBool,
    // Who keeps what he was told of levels.
    hooks: Mutex<Vec<Hook>>,
    /// One configuration at a time.
    pub(crate) configuring: Mutex<()>,
}

/// Somebody who is told of every change.
type Hook = Arc<dyn Fn(&System) + Send + Sync>;

/// What has become of records.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct LoggingStats {
    /// By the handlers' names, of all that a logger uses now. Of two with one name, of this configuration and of the
    /// defaults before it, the sum.
    pub handlers: BTreeMap<String, HandlerStats>,
    /// Records that a handler logged while it handled one: they went nowhere.
    pub recursive: u64,
    /// Panics in filters, which let their record pass.
    pub filter_panics: u64,
}

/// A logging system to be.
#[derive(Default)]
pub struct LoggingBuilder {
    dialect: Dialect,
    stdout: Option<Stream>,
    stderr: Option<Stream>,
    time_zone: Option<jiff::tz::TimeZone>,
    process: Option<ProcessInfo>,
    last_resort: Option<Box<dyn Handler>>,
    variables: Option<Variables>,
    #[cfg(feature = "mail")]
    mail: crate::mail::MailSettings,
    pub(crate) factories: Factories,
}

static GLOBAL: OnceLock<Logging> = OnceLock::new();

impl Logging {
    /// The program's own. Until it is [configured](Self::configure), warnings and worse go to standard error.
    #[must_use]
    pub fn global() -> &'static Self {
        GLOBAL.get_or_init(Self::default)
    }

    /// Makes this the program's own, unless there is one already.
    ///
    /// # Errors
    ///
    /// There is one: somebody asked for a global logger, or was first.
    pub fn make_global(self) -> Result<(), Self> {
        GLOBAL.set(self)
    }

    /// With things to choose.
    #[must_use]
    pub fn builder() -> LoggingBuilder {
        LoggingBuilder::default()
    }

    /// The logger of this name, the same for the same name. `::` is `.`; the root is `""` or `"root"`; `django` and
    /// what is below it is `opencensus` and what is below that, but in [Python's dialect](Dialect::Python).
    #[must_use]
    pub fn get_logger(&self, name: &str) -> Logger {
        let node = self.system.tree().node(&self.canonical(name));
        Logger::new(node, Arc::clone(&self.system))
    }

    /// Lets a logger take records from this level on. `NOTSET`: as its parent.
    pub fn set_level(&self, logger: &str, level: Level) {
        let change = LoggerChange { level: Some(level), keeps_filters: true, ..LoggerChange::default() };
        self.system.change(|tree| tree.change(&self.canonical(logger), change));
    }

    /// Lets no logger take records up to this level, whatever its own. `NOTSET`: lets them again.
    pub fn disable(&self, level: Level) {
        self.system.change(|tree| tree.disable_up_to(level));
    }

    /// Gives a level a name, for formats and for configurations.
    pub fn add_level_name(&self, level: Level, name: impl Into<String>) {
        self.system.shared.add_level_name(level, name.into());
    }

    /// The name of a level, a given one among them.
    #[must_use]
    pub fn level_name(&self, level: Level) -> String {
        self.system.shared.given_name(level).unwrap_or_else(|| level.name().into_owned())
    }

    /// Adds a handler to a logger, besides those of a configuration, until the next one.
    pub fn add_handler(&self, logger: &str, name: &str, level: Level, handler: impl Handler + 'static) {
        let shared = Arc::clone(&self.system.shared);
        let handler = InstalledHandler::new(name.into(), level, Vec::new(), Box::new(handler), false, shared);
        self.system.change(|tree| tree.add_handler(&self.canonical(logger), Arc::new(handler)));
    }

    /// The handler of this name in the configuration that holds now.
    #[must_use]
    pub fn handler(&self, name: &str) -> Option<Arc<InstalledHandler>> {
        self.system.tree().handlers().get(name).cloned()
    }

    /// A logger as it is now. `None`: nobody has asked for it yet.
    #[must_use]
    pub fn logger_state(&self, name: &str) -> Option<LoggerState> {
        self.system.tree().state(&self.canonical(name))
    }

    /// Whether the program runs in debug mode, which filters and defaults look at. Default: no.
    #[must_use]
    pub fn is_debug(&self) -> bool {
        self.system.shared.debug.load(Ordering::Relaxed)
    }

    /// Switches the debug mode, from the next record on.
    pub fn set_debug(&self, debug: bool) {
        if self.system.shared.debug.swap(debug, Ordering::Relaxed) != debug {
            // What is wanted changes with it.
            self.system.change(|_| ());
        }
    }

    /// Who is mailed by handlers of the class `mail_admins` that a configuration makes from now on, and how.
    #[cfg(feature = "mail")]
    pub fn set_mail(&self, mail: crate::mail::MailSettings) {
        self.system.set_mail(mail);
    }

    /// What the mail backend `memory` has kept: Django's `mail.outbox`.
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn outbox(&self) -> crate::mail::MemoryBackend {
        self.system.mail().outbox.clone()
    }

    /// Whether reports of requests may be mailed: whether there are administrators, managers, or a backend of one's own.
    /// Then
    /// [`Record::request`] is worth its price.
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn makes_reports(&self) -> bool {
        self.system.shared.makes_reports.load(Ordering::Relaxed)
    }

    /// Whether losses are told on standard error; Python's `raiseExceptions`. Default: yes. They are counted anyway.
    pub fn set_tells_losses(&self, tells: bool) {
        self.system.shared.tells_losses.store(tells, Ordering::Relaxed);
    }

    /// Who gets records that reach no handler. Default: standard error, from WARNING on.
    pub fn set_last_resort(&self, handler: Option<Box<dyn Handler>>) {
        let handler = handler.map(|handler| Arc::new(System::last_resort(handler, &self.system.shared)));
        *self.system.last_resort.write().unwrap_or_else(PoisonError::into_inner) = handler;
    }

    /// What has become of records.
    #[must_use]
    pub fn stats(&self) -> LoggingStats {
        let used = self.system.tree().all_handlers();
        let mut handlers: BTreeMap<String, HandlerStats> = BTreeMap::new();
        for handler in used {
            handlers.entry(handler.name().to_owned()).or_default().add(handler.stats());
        }
        LoggingStats {
            handlers,
            recursive: self.system.shared.recursive.load(Ordering::Relaxed),
            filter_panics: self.system.shared.filter_panics.load(Ordering::Relaxed),
        }
    }

    /// Waits until all that was said is written, and each mail is sent or waits for its server. `false`: there was not
    /// enough time.
    pub fn flush(&self, within: Duration) -> bool {
        // Not in one expression: the tree would stay locked, and handlers may ask for loggers.
        let handlers = self.system.tree().all_handlers();
        self.flush_handlers(&handlers, deadline(within))
    }

    fn flush_handlers(&self, handlers: &[Arc<InstalledHandler>], deadline: Instant) -> bool {
        // Not `all`: each gets its chance.
        let flush_all = || handlers.iter().filter(|handler| !handler.flush_until(deadline)).count() == 0;
        flush_all();
        // What one has handed on to another.
        let is_flushed = flush_all();
        self.system.shared.wait_for_queues(deadline) && is_flushed
    }

    /// Writes all that was said and closes the handlers: for the end of `main`. `false`: there was not enough time.
    pub fn shutdown(&self, within: Duration) -> bool {
        let deadline = deadline(within);
        let handlers = self.system.tree().all_handlers();
        let flushed: Vec<_> = handlers.iter().filter(|handler| handler.flushes_on_close()).cloned().collect();
        let is_flushed = self.flush_handlers(&flushed, deadline);
        handlers.iter().for_each(|handler| handler.close());
        // Not `all`: each gets its chance.
        let are_closed = handlers.iter().filter(|handler| !handler.wait_closed(deadline)).count() == 0;
        let is_finished = self.system.shared.finish(deadline);
        // What closing them has led to is said, too.
        self.system.shared.wait_for_complaints(deadline) && is_flushed && are_closed && is_finished
    }

    fn canonical<'a>(&self, name: &'a str) -> Cow<'a, str> {
        canonical(name, self.system.shared.dialect)
    }

    pub(crate) fn system(&self) -> &Arc<System> {
        &self.system
    }
}

impl Default for Logging {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl LoggingBuilder {
    /// Whose manners. Default: this crate's.
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// What handlers write to for standard output.
    #[must_use]
    pub fn with_stdout(mut self, stream: Stream) -> Self {
        self.stdout = Some(stream);
        self
    }

    /// What handlers write to for standard error; complaints about logging itself go there, too.
    #[must_use]
    pub fn with_stderr(mut self, stream: Stream) -> Self {
        self.stderr = Some(stream);
        self
    }

    /// The time zone of times, such as `Europe/Zurich`. Default: the system's.
    ///
    /// # Errors
    ///
    /// There is no such zone, or no data base of zones.
    pub fn with_time_zone(mut self, name: &str) -> Result<Self, UnknownTimeZone> {
        let zone = jiff::tz::TimeZone::get(name).map_err(|_| UnknownTimeZone(name.to_owned()))?;
        self.time_zone = Some(zone);
        Ok(self)
    }

    /// What formats say of the process. Default: this one.
    #[must_use]
    pub fn with_process(mut self, process: ProcessInfo) -> Self {
        self.process = Some(process);
        self
    }

    /// Who is mailed by the handler `mail_admins`, and how.
    #[cfg(feature = "mail")]
    #[must_use]
    pub fn with_mail(mut self, mail: crate::mail::MailSettings) -> Self {
        self.mail = mail;
        self
    }

    /// Where configurations look up `${NAME}`. Default: the process's environment.
    #[must_use]
    pub fn with_variables(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.variables = Some(Box::new(lookup));
        self
    }

    /// Who gets records that reach no handler, from WARNING on. Default: standard error.
    #[must_use]
    pub fn with_last_resort(mut self, handler: impl Handler + 'static) -> Self {
        self.last_resort = Some(Box::new(handler));
        self
    }

    /// The system.
    #[must_use]
    pub fn build(self) -> Logging {
        let escaping = if self.dialect == Dialect::Python { Escaping::None } else { Escaping::Controls };
        let mut context = FormatContext { escaping, ..FormatContext::default() };
        context.time_zone = self.time_zone.unwrap_or(context.time_zone);
        context.process = self.process.unwrap_or(context.process);
        let stdout = self.stdout.unwrap_or_else(|| Stream::new(io::stdout()));
        let stderr = self.stderr.unwrap_or_else(|| Stream::new(io::stderr()));
        let variables = self.variables.unwrap_or_else(|| Box::new(|name| std::env::var(name).ok()));
        let shared = Arc::new(Shared::new(self.dialect, stdout, stderr, context, current_trace, variables));
        let last_resort = self.last_resort.unwrap_or_else(|| {
            let formatter = StandardFormatter::message_only().with_context(Arc::clone(&shared.context));
            Box::new(StreamHandler::new(shared.stderr.clone(), Arc::new(formatter)))
        });
        let last_resort = System::last_resort(last_resort, &shared);
        let system = System {
            shared,
            factories: self.factories,
            #[cfg(feature = "mail")]
            mail: RwLock::default(),
            added_handlers: RwLock::default(),
            tree: Mutex::new(Tree::new()),
            last_resort: RwLock::new(Some(Arc::new(last_resort))),
            complained: AtomicBool::new(false),
            hooks: Mutex::default(),
            configuring: Mutex::default(),
        };
        #[cfg(feature = "mail")]
        system.set_mail(self.mail);
        Logging { system: Arc::new(system) }
    }
}

/// There is no time zone of this name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no time zone `{0}`; write one such as `Europe/Zurich`")]
pub struct UnknownTimeZone(String);

/// Whoever still works for it has a last chance.
impl Drop for System {
    fn drop(&mut self) {
        self.shared.end();
    }
}

impl System {
    fn last_resort(handler: Box<dyn Handler>, shared: &Arc<Shared>) -> InstalledHandler {
        let shared = Arc::clone(shared);
        InstalledHandler::new("lastResort".into(), Level::WARNING, Vec::new(), handler, false, shared)
    }

    #[cfg(feature = "mail")]
    pub(crate) fn mail(&self) -> Arc<crate::mail::MailSettings> {
        Arc::clone(&self.mail.read().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(feature = "mail")]
    pub(crate) fn set_mail(&self, mail: crate::mail::MailSettings) {
        let makes_reports = mail.is_addressed() || !self.factories.mail_backends.is_empty();
        self.shared.makes_reports.store(makes_reports, Ordering::Relaxed);
        *self.mail.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(mail);
    }

    pub(crate) fn tree(&self) -> MutexGuard<'_, Tree> {
        lock(&self.tree)
    }

    /// Changes the tree, and tells whoever keeps what levels were.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Tree) -> T) -> T {
        let mut tree = self.tree();
        let result = change(&mut tree);
        tree.lay_routes();
        drop(tree);
        let hooks = lock(&self.hooks).clone();
        hooks.iter().for_each(|hook| hook(self));
        result
    }

    /// Calls `hook` after every change.
    #[cfg(any(feature = "log", feature = "tracing"))]
    pub(crate) fn add_hook(&self, hook: Hook) {
        lock(&self.hooks).push(hook);
    }

    /// The least level that any logger takes.
    #[cfg(feature = "log")]
    pub(crate) fn least_level(&self) -> Level {
        self.tree().least_level()
    }

    /// A record that reached no handler.
    pub(crate) fn handle_without_handlers(&self, record: &mut Arc<Record>) {
        let last_resort = self.last_resort.read().unwrap_or_else(PoisonError::into_inner).clone();
        match last_resort {
            Some(handler) if record.level >= handler.level() => handler.handle(record),
            Some(_) => {}
            None if !self.complained.swap(true, Ordering::Relaxed) => {
                let complaint = format!("No handlers could be found for logger \"{}\"\n", record.logger);
                let _ = self.shared.stderr.write(&complaint);
            }
            None => {}
        }
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

/// Two are equal if they are one.
impl PartialEq for Logging {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.system, &other.system)
    }
}

impl Eq for Logging {}

impl fmt::Debug for Logging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logging").field("dialect", &self.system.shared.dialect).finish_non_exhaustive()
    }
}

impl fmt::Debug for LoggingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggingBuilder").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}
