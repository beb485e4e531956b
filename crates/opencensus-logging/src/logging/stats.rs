//! Counts of a logging system.

use std::collections::BTreeMap;

use crate::handler_stats::HandlerStats;

/// Counts of a logging system's records.
///
/// # Examples
///
/// ```
/// let stats = opencensus_logging::Logging::global().stats();
/// for (name, handler) in &stats.handlers {
///     println!("{name}: {} handled, {} lost", handler.handled, handler.lost());
/// }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct LoggingStats {
    /// By name, the counts of all handlers that a logger or the configuration uses now. Handlers of the same name, such
    /// as one of `LOGGING` and one of Django's defaults, are added up.
    pub handlers: BTreeMap<String, HandlerStats>,
    /// Records that a handler logged while it handled one. They are dropped.
    pub recursive: u64,
    /// Panics of filters. Their records passed.
    pub filter_panics: u64,
}
