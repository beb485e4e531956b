//! What the layer takes.

use std::borrow::Cow;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};

use crate::tracing::sqlx::{QUERY, Sqlx};

/// The prefix of the targets of this library. Its events are about requests that have a row, or about the export itself.
const OWN: &str = "opencensus";

/// What the layer takes.
///
/// # Examples
///
/// ```
/// use opencensus::tracing::{Options, Sqlx};
/// use tracing::Level;
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// # let (telemetry, _) = opencensus::Telemetry::in_memory();
/// let options = Options::default()
///     .with_level(Level::WARN)
///     .with_target("shop", Level::DEBUG)
///     .with_sqlx(Sqlx::new("postgresql").with_server("db.example", 5432).with_database("shop"));
/// let subscriber = tracing_subscriber::registry().with(options.layer(&telemetry));
/// # drop(tracing::Dispatch::new(subscriber));
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    events: bool,
    outside: bool,
    spans: bool,
    level: LevelFilter,
    // The longest prefixes first.
    targets: Vec<(Cow<'static, str>, LevelFilter)>,
    sqlx: Option<Sqlx>,
}

impl Default for Options {
    fn default() -> Self {
        let level = LevelFilter::INFO;
        Self { events: true, outside: true, spans: true, level, targets: Vec::new(), sqlx: None }
    }
}

impl Options {
    /// Whether events become messages and exceptions. Default: yes.
    #[must_use]
    pub fn with_events(mut self, enabled: bool) -> Self {
        self.events = enabled;
        self
    }

    /// Whether events outside of requests are sent, with a rate of 1, and statements outside of requests. Default: yes.
    #[must_use]
    pub fn with_events_outside_of_requests(mut self, enabled: bool) -> Self {
        self.outside = enabled;
        self
    }

    /// Whether spans below a request become dependencies. Default: yes.
    #[must_use]
    pub fn with_spans(mut self, enabled: bool) -> Self {
        self.spans = enabled;
        self
    }

    /// The least severe level that is taken, of events and of spans. Default: INFO.
    #[must_use]
    pub fn with_level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.level = level.into();
        self
    }

    /// The least severe level of targets that start with a prefix. The longest prefix decides.
    /// [`LevelFilter::OFF`](tracing::level_filters::LevelFilter) excludes the targets.
    #[must_use]
    pub fn with_target(mut self, prefix: impl Into<Cow<'static, str>>, level: impl Into<LevelFilter>) -> Self {
        let prefix = prefix.into();
        self.targets.retain(|(known, _)| *known != prefix);
        self.targets.push((prefix, level.into()));
        self.targets.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        self
    }

    /// Makes statements of sqlx dependencies. Its events have the target `sqlx::query`, and the level DEBUG by default; the
    /// layer takes them whatever its level is, but a global filter of the subscriber must let them through.
    /// Default: statements are events like others.
    #[must_use]
    pub fn with_sqlx(mut self, sqlx: Sqlx) -> Self {
        self.sqlx = Some(sqlx);
        self
    }

    /// Whether an event of this target and level becomes a message or an exception.
    pub(super) fn takes_event(&self, target: &str, level: Level) -> bool {
        self.events && self.takes(target, level)
    }

    pub(super) fn takes(&self, target: &str, level: Level) -> bool {
        let of_target = || self.targets.iter().find(|(prefix, _)| target.starts_with(&**prefix));
        !target.starts_with(OWN) && level <= of_target().map_or(self.level, |(_, level)| *level)
    }

    pub(super) fn takes_outside(&self) -> bool {
        self.outside
    }

    /// How to record the statement of an event of this target, if it is one.
    pub(super) fn statements_of(&self, target: &str) -> Option<&Sqlx> {
        self.sqlx.as_ref().filter(|_| target == QUERY)
    }

    /// Whether the layer receives an event or a span.
    pub(super) fn is_enabled(&self, metadata: &Metadata<'_>) -> bool {
        let (target, level) = (metadata.target(), *metadata.level());
        if metadata.is_span() {
            return self.spans && self.takes(target, level);
        }
        // An error makes its span fail.
        let is_needed = self.events || self.spans && level == Level::ERROR;
        // The target of a `log` record is known only with the event.
        is_needed && (is_of_log(metadata) || self.takes(target, level)) || self.statements_of(target).is_some()
    }

    pub(super) fn max_level(&self) -> LevelFilter {
        let targets = self.targets.iter().map(|(_, level)| *level);
        // sqlx can emit statements at any level.
        let sqlx = self.sqlx.iter().map(|_| LevelFilter::TRACE);
        targets.chain(sqlx).fold(self.level, LevelFilter::max)
    }
}

/// Whether the event comes from `LogTracer`, which has one callsite per level for all targets.
pub(super) fn is_of_log(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "log" && metadata.fields().field("log.target").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_prefix_of_the_target_decides_and_the_librarys_own_targets_are_never_taken() {
        let options = Options::default()
            .with_target("shop", LevelFilter::OFF)
            .with_target("shop::cart", Level::DEBUG)
            .with_target("opencensus", Level::TRACE);
        for (target, level, expected) in [
            ("hyper", Level::INFO, true),
            ("hyper", Level::DEBUG, false),
            ("shop", Level::ERROR, false),
            ("shop::cart::price", Level::DEBUG, true),
            ("shop::cart", Level::TRACE, false),
            ("opencensus.request", Level::ERROR, false),
            ("opencensus_azure::exporter", Level::ERROR, false),
        ] {
            assert_eq!(options.takes_event(target, level), expected, "{target} {level}");
        }
        assert_eq!(options.max_level(), LevelFilter::TRACE);
        assert_eq!(Options::default().max_level(), LevelFilter::INFO);
    }
}
