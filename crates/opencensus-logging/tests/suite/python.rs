//! Classes and functions that the vectors name: handlers that record what they emit, and the functions of the vectors'
//! support module in Rust.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::Instant;

use opencensus_logging::config::{Arguments, Checked};
use opencensus_logging::filters::Filter;
use opencensus_logging::formatters::{FormatError, Formatter, StandardFormatter, Style, message};
use opencensus_logging::handlers::{BuiltInHandler, Handler, HandlerError, Stream, StreamHandler};
use opencensus_logging::{Dialect, Level, Logging, LoggingBuilder, Record};
use serde_json::Value;
use test_support::captured::Captured;
use test_support::exception::Exception;

/// A handler's name, and whether it is tracked.
type Made = (String, Arc<AtomicBool>);

/// Records which handlers emit, in order, and on which thread.
#[derive(Clone, Default)]
pub(super) struct Deliveries {
    emitted: Arc<Mutex<Vec<(ThreadId, String)>>>,
    // All handlers, the latest last, and whether they are tracked.
    made: Arc<Mutex<Vec<Made>>>,
}

impl Deliveries {
    fn recording(&self, name: &str, inner: Box<dyn Handler>) -> Recording {
        let is_tracked = Arc::new(AtomicBool::new(false));
        self.made.lock().unwrap().push((name.to_owned(), Arc::clone(&is_tracked)));
        Recording { name: name.to_owned(), is_tracked, deliveries: self.clone(), inner }
    }

    /// Tracks the handlers of the current configuration, as the vectors' recorder does.
    pub(super) fn track(&self, logging: &Logging) {
        let made = self.made.lock().unwrap();
        for name in logging.stats().handlers.keys().filter(|name| logging.handler(name).is_some()) {
            if let Some((_, is_tracked)) = made.iter().rev().find(|(made, _)| made == name) {
                is_tracked.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The handlers that emitted since the last call; with `all_threads`, also on other threads, which must have
    /// stopped.
    pub(super) fn take(&self, all_threads: bool) -> Vec<String> {
        let mut emitted = self.emitted.lock().unwrap();
        let here = std::thread::current().id();
        let (taken, left) = emitted.drain(..).partition(|(thread, _)| all_threads || *thread == here);
        *emitted = left;
        let taken: Vec<_> = taken;
        taken.into_iter().map(|(_, name)| name).collect()
    }
}

struct Recording {
    name: String,
    is_tracked: Arc<AtomicBool>,
    deliveries: Deliveries,
    inner: Box<dyn Handler>,
}

impl Handler for Recording {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        if self.is_tracked.load(Ordering::Relaxed) {
            let emitted = (std::thread::current().id(), self.name.clone());
            self.deliveries.emitted.lock().unwrap().push(emitted);
        }
        self.inner.emit(record)
    }

    fn flush(&self, deadline: Instant) -> Result<(), HandlerError> {
        self.inner.flush(deadline)
    }

    fn close(&self) {
        self.inner.close();
    }

    fn built_in(&self) -> Option<&dyn BuiltInHandler> {
        self.inner.built_in()
    }
}

/// `corpus_ext.FailingHandler`
struct Failing;

impl Handler for Failing {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        panic!("handler broke")
    }
}

/// `corpus_ext.HandleErrorHandler`
struct HandlesError;

impl Handler for HandlesError {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        Err(HandlerError::Other("handler broke".into()))
    }
}

/// `project.logging.SpecialFilter`
struct Special(Option<Value>);

impl Filter for Special {
    fn filter(&self, record: &mut Arc<Record>) -> bool {
        Arc::make_mut(record).set_field("special", self.0.clone());
        !message(record).unwrap().contains("not-special")
    }
}

/// `corpus_ext.UpperFormatter`
struct Upper(Arc<dyn Formatter>);

impl Formatter for Upper {
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError> {
        let mut text = String::new();
        self.0.format(record, &mut text)?;
        out.push_str(&text.to_uppercase());
        Ok(())
    }
}

/// `corpus_ext.PrefixFormatter`
struct Prefixed(String, Arc<dyn Formatter>);

impl Formatter for Prefixed {
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError> {
        out.push_str(&self.0);
        self.1.format(record, out)
    }
}

const HANDLERS: [(&str, &str); 9] = [
    ("logging.StreamHandler", "logging.StreamHandler"),
    ("corpus_ext.make_stream_handler", "logging.StreamHandler"),
    ("logging.FileHandler", "logging.FileHandler"),
    ("logging.NullHandler", "logging.NullHandler"),
    ("logging.handlers.MemoryHandler", "logging.handlers.MemoryHandler"),
    ("logging.handlers.QueueHandler", "logging.handlers.QueueHandler"),
    ("logging.handlers.RotatingFileHandler", "logging.handlers.RotatingFileHandler"),
    ("logging.handlers.TimedRotatingFileHandler", "logging.handlers.TimedRotatingFileHandler"),
    ("logging.handlers.WatchedFileHandler", "logging.handlers.WatchedFileHandler"),
];

/// A logging system with all classes and functions that the vectors name.
pub(super) fn builder(
    dialect: Dialect,
    stdout: &Captured,
    stderr: &Captured,
    deliveries: &Deliveries,
) -> LoggingBuilder {
    let last_resort = StreamHandler::new(Stream::new(stderr.clone()), Arc::new(StandardFormatter::message_only()));
    let last_resort = deliveries.recording("lastResort", Box::new(last_resort));
    last_resort.is_tracked.store(true, Ordering::Relaxed);
    let mut builder = Logging::builder()
        .with_dialect(dialect)
        .with_stdout(Stream::new(stdout.clone()))
        .with_stderr(Stream::new(stderr.clone()))
        .with_last_resort(last_resort);
    for (name, class) in HANDLERS {
        let deliveries = deliveries.clone();
        builder = builder.with_handler_class(name, move |arguments| {
            let inner = arguments.built_in_handler(class)?;
            Ok(Box::new(deliveries.recording(arguments.name(), inner)))
        });
    }
    for name in ["corpus_ext.FailingHandler", "corpus_ext.HandleErrorHandler"] {
        let deliveries = deliveries.clone();
        builder = builder.with_handler_class(name, move |arguments| {
            let inner: Box<dyn Handler> =
                if name.ends_with("FailingHandler") { Box::new(Failing) } else { Box::new(HandlesError) };
            Ok(Box::new(deliveries.recording(arguments.name(), inner)))
        });
    }
    let admin = "django.utils.log.AdminEmailHandler";
    for (name, recipients) in [(admin, "admins"), ("corpus_ext.ManagersHandler", "managers")] {
        let deliveries = deliveries.clone();
        builder = builder.with_handler_class(name, move |arguments| {
            arguments.set_default("recipients", recipients);
            let inner = arguments.built_in_handler(admin)?;
            Ok(Box::new(deliveries.recording(arguments.name(), inner)))
        });
    }
    callables(builder, stderr.clone(), deliveries.clone())
}

fn callables(builder: LoggingBuilder, stderr: Captured, deliveries: Deliveries) -> LoggingBuilder {
    builder
        .with_filter_class("project.logging.SpecialFilter", |arguments| Ok(Arc::new(Special(arguments.value("foo")))))
        .with_formatter_class("corpus_ext.UpperFormatter", upper)
        .with_formatter_class("corpus_ext.PrefixFormatter", |arguments| {
            let prefix = arguments.text("prefix")?.unwrap_or_else(|| "> ".to_owned());
            Ok(Arc::new(Prefixed(prefix, arguments.built_in_formatter("logging.Formatter")?)))
        })
        .with_callback("corpus_ext.keep_all", |_| true)
        .with_callback("corpus_ext.drop_all", |_| false)
        .with_callback("corpus_ext.returns_none", |_| false)
        .with_callback("corpus_ext.returns_truthy_string", |_| true)
        // A `CallbackFilter` tests the truth of the record that it returns.
        .with_callback("corpus_ext.replace_record", |_| true)
        .with_callback("corpus_ext.below_error", |record| record.level < Level::ERROR)
        .with_callback("corpus_ext.only_status_5xx", |record| {
            record.field("status_code").and_then(Value::as_i64).unwrap_or_default() >= 500
        })
        .with_changing_callback("corpus_ext.stamp_user", |record| {
            Arc::make_mut(record).set_field("user", "alice");
            true
        })
        .with_callback("corpus_ext.raise_in_filter", |_| panic!("filter broke"))
        .with_callback("corpus_ext.skip_disallowed_host", |record| &*record.logger != "django.security.DisallowedHost")
        .with_callback("corpus_ext.skip_unreadable_post", |record| {
            let error = record.error.as_ref().and_then(|error| error.downcast_ref::<Exception>());
            error.is_none_or(|error| error.type_name != "django.http.UnreadablePostError")
        })
        .with_changing_callback("corpus_ext.error_to_warning", |record| {
            if record.level == Level::ERROR {
                Arc::make_mut(record).set_level(Level::WARNING);
            }
            true
        })
        .with_changing_callback("corpus_ext.append_bang", |record| {
            let message = format!("{}!", record.message);
            Arc::make_mut(record).message = message.into();
            true
        })
        .with_configurator("corpus_ext.custom_config", move |logging, configuration| {
            let format = configuration["root_format"].as_str().unwrap();
            let formatter = StandardFormatter::new(format, Style::Percent).unwrap();
            let handler = StreamHandler::new(Stream::new(stderr.clone()), Arc::new(formatter));
            let handler = deliveries.recording("custom", Box::new(handler));
            logging.add_handler("", "custom", Level::NOTSET, handler);
            let level = configuration["root_level"].as_str().and_then(Level::from_name);
            logging.set_level("", level.unwrap_or(Level::WARNING));
            Ok(())
        })
}

fn upper(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    Ok(Arc::new(Upper(arguments.built_in_formatter("logging.Formatter")?)))
}
