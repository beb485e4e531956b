//! Records of the `log` crate.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use log::{Log, Metadata, SetLoggerError};

use crate::frontend::cache::{LoggerCache, TRACE, new_record};
use crate::level::Level;
use crate::lock::lock;
use crate::logging::{Logging, System};
use crate::record::Source;

struct LogFrontend {
    loggers: LoggerCache,
}

pub(super) fn install(logging: &Logging) -> bool {
    let frontend = LogFrontend { loggers: LoggerCache::new(logging) };
    let is_ours: Result<(), SetLoggerError> = log::set_boxed_logger(Box::new(frontend));
    if is_ours.is_ok() {
        set_max_level(logging.system());
        logging.system().add_hook(Arc::new(set_max_level));
    }
    is_ours.is_ok()
}

/// What no logger wants is not even put together.
fn set_max_level(system: &System) {
    // Two changes at once must not leave the older one's.
    static ORDER: Mutex<()> = Mutex::new(());
    let _in_order = lock(&ORDER);
    let least = system.least_level();
    let filters = [
        (TRACE, log::LevelFilter::Trace),
        (Level::DEBUG, log::LevelFilter::Debug),
        (Level::INFO, log::LevelFilter::Info),
        (Level::WARNING, log::LevelFilter::Warn),
        (Level::ERROR, log::LevelFilter::Error),
    ];
    let filter =
        filters.into_iter().find(|(level, _)| *level >= least).map_or(log::LevelFilter::Off, |(_, filter)| filter);
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

/// A text that lives long enough, or a copy.
fn either(long: Option<&'static str>, short: Option<&str>) -> Option<Cow<'static, str>> {
    long.map(Cow::Borrowed).or_else(|| short.map(|text| Cow::Owned(text.to_owned())))
}

impl Log for LogFrontend {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.loggers.get(metadata.target()).is_enabled_for(level_of(metadata.level()))
    }

    fn log(&self, said: &log::Record<'_>) {
        let (logger, level) = (self.loggers.get(said.target()), level_of(said.level()));
        if !logger.is_enabled_for(level) {
            return;
        }
        let mut record = new_record(&logger, level, said.args().to_string());
        let file = either(said.file_static(), said.file()).unwrap_or_default();
        let module = either(said.module_path_static(), said.module_path());
        record.source = Source::new(file, said.line().unwrap_or(0), module);
        logger.handle(record);
    }

    fn flush(&self) {
        self.loggers.logging.flush(std::time::Duration::from_secs(5));
    }
}
