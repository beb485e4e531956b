//! The front end for the `log` crate.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use log::kv::{Key, VisitSource};
use log::{Log, Metadata, SetLoggerError};

use crate::frontend::cache::{LoggerCache, TRACE, new_record};
use crate::level::Level;
use crate::lock::lock;
use crate::logging::Logging;
use crate::record::{Record, Source};
use crate::system::System;

struct LogFrontend {
    loggers: LoggerCache,
}

pub(super) fn install(logging: &Logging) -> bool {
    let frontend = LogFrontend { loggers: LoggerCache::new(logging) };
    let installed: Result<(), SetLoggerError> = log::set_boxed_logger(Box::new(frontend));
    if installed.is_ok() {
        set_max_level(logging.system());
        logging.system().add_change_hook(Arc::new(set_max_level));
    }
    installed.is_ok()
}

/// Lets `log` skip records that no logger handles.
fn set_max_level(system: &System) {
    // Of two changes at the same time, the later one must win.
    static ORDER: Mutex<()> = Mutex::new(());
    let _in_order = lock(&ORDER);
    let lowest = system.lowest_level();
    let filters = [
        (TRACE, log::LevelFilter::Trace),
        (Level::DEBUG, log::LevelFilter::Debug),
        (Level::INFO, log::LevelFilter::Info),
        (Level::WARNING, log::LevelFilter::Warn),
        (Level::ERROR, log::LevelFilter::Error),
    ];
    let filter =
        filters.into_iter().find(|(level, _)| *level >= lowest).map_or(log::LevelFilter::Off, |(_, filter)| filter);
    log::set_max_level(filter);
}

fn level_of(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::ERROR,
        log::Level::Warn => Level::WARNING,
        log::Level::Info => Level::INFO,
        log::Level::Debug => Level::DEBUG,
        log::Level::Trace => TRACE,
    }
}

/// A static text, or a copy.
fn static_or_owned(fixed: Option<&'static str>, other: Option<&str>) -> Option<Cow<'static, str>> {
    fixed.map(Cow::Borrowed).or_else(|| other.map(|text| Cow::Owned(text.to_owned())))
}

/// Adds the key-values of a `log` record to the fields of a record.
struct Fields<'a>(&'a mut Record);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: log::kv::Value<'kvs>) -> Result<(), log::kv::Error> {
        self.0.set_field(key.to_string(), field_value(&value));
        Ok(())
    }
}

fn field_value(value: &log::kv::Value<'_>) -> serde_json::Value {
    if let Some(flag) = value.to_bool() {
        return flag.into();
    }
    if let Some(number) = value.to_u64() {
        return number.into();
    }
    if let Some(number) = value.to_i64() {
        return number.into();
    }
    // Not `to_f64`, which also reads texts.
    match value.to_borrowed_str() {
        Some(text) => text.into(),
        None => value.to_f64().map_or_else(|| value.to_string().into(), Into::into),
    }
}

/// Whether an exporter logs, or the HTTP client and TLS for it. As events of `tracing`, such records are suppressed by
/// the pipeline.
fn is_of_exporter() -> bool {
    #[cfg(feature = "core")]
    return opencensus_core::pipeline::is_pipeline_thread();
    #[cfg(not(feature = "core"))]
    false
}

impl Log for LogFrontend {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !is_of_exporter() && self.loggers.get(metadata.target()).is_enabled_for(level_of(metadata.level()))
    }

    fn log(&self, source: &log::Record<'_>) {
        if is_of_exporter() {
            return;
        }
        let (logger, level) = (self.loggers.get(source.target()), level_of(source.level()));
        if !logger.is_enabled_for(level) {
            return;
        }
        let mut record = new_record(&logger, level, source.args().to_string());
        let file = static_or_owned(source.file_static(), source.file()).unwrap_or_default();
        let module = static_or_owned(source.module_path_static(), source.module_path());
        record.source = Source::new(file, source.line().unwrap_or(0), module);
        // The visitor never fails.
        let _ = source.key_values().visit(&mut Fields(&mut record));
        logger.handle(record);
    }

    fn flush(&self) {
        self.loggers.logging.flush(std::time::Duration::from_secs(5));
    }
}
