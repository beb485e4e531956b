//! Registers the classes of this crate, under its own names and those of Python and Django.

use std::collections::BTreeMap;

use crate::build::class_registry::ClassRegistry;
use crate::build::{
    file_classes, filter_classes, foreign_classes, formatter_classes, handler_classes, network_classes,
};
use crate::filters::Callback;

const MEMORY: &[&str] = &["memory", "logging.handlers.MemoryHandler"];
const NULL: &[&str] = &["null", "logging.NullHandler"];
const QUEUE: &[&str] = &["queue", "logging.handlers.QueueHandler"];

/// Whether handlers of this class never wait: they run on the caller's thread, unless the configuration sets
/// `background = true`. A custom class that wraps one of these has a name of its own, and runs in the background.
pub(crate) fn never_waits(class: &str) -> bool {
    [MEMORY, NULL, QUEUE].iter().any(|names| names.contains(&class))
}

/// Registers the classes of this crate that need no more than their arguments.
pub(crate) fn register_built_in(classes: &mut ClassRegistry, callbacks: BTreeMap<String, Callback>) {
    let handlers = &mut classes.handlers;
    handlers.add_built_in(&["console", "logging.StreamHandler"], handler_classes::console);
    handlers.add_built_in(&["file", "logging.FileHandler"], file_classes::file);
    handlers.add_built_in(MEMORY, handler_classes::memory);
    handlers.add_built_in(NULL, handler_classes::null);
    handlers.add_built_in(QUEUE, handler_classes::queue);
    handlers.add_built_in(&["rotating_file", "logging.handlers.RotatingFileHandler"], file_classes::rotating);
    handlers.add_built_in(&["timed_rotating_file", "logging.handlers.TimedRotatingFileHandler"], file_classes::timed);
    handlers.add_built_in(&["watched_file", "logging.handlers.WatchedFileHandler"], file_classes::watched);
    handlers.add_built_in(&["syslog", "logging.handlers.SysLogHandler"], network_classes::syslog);
    handlers.add_built_in(&["socket", "logging.handlers.SocketHandler"], network_classes::socket);
    handlers.add_built_in(&["datagram", "logging.handlers.DatagramHandler"], network_classes::datagram);
    handlers.add_built_in(&["http", "logging.handlers.HTTPHandler"], network_classes::http);
    let formatters = &mut classes.formatters;
    formatters.add_built_in(&["human"], formatter_classes::human);
    formatters.add_built_in(&["json"], formatter_classes::json);
    formatters.add_built_in(&["server", "django.utils.log.ServerFormatter"], formatter_classes::server);
    formatters.add_built_in(&["standard", "logging.Formatter"], formatter_classes::standard);
    let filters = &mut classes.filters;
    filters.add_built_in(&["callback", "django.utils.log.CallbackFilter"], filter_classes::callback(callbacks));
    filters.add_built_in(&["name", "logging.Filter"], filter_classes::name);
    let (require_false, require_true) = (filter_classes::require_debug_false, filter_classes::require_debug_true);
    filters.add_built_in(&["require_debug_false", "django.utils.log.RequireDebugFalse"], require_false);
    filters.add_built_in(&["require_debug_true", "django.utils.log.RequireDebugTrue"], require_true);
    foreign_classes::register(classes);
}
