//! Lines of the crate `tracing` that are both events of spans and log records.
//!
//! tracing-opentelemetry makes an event of a span of each line, and opentelemetry-appender-tracing makes a log record of it.
//! With both, the first one of each line is sent.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use opentelemetry::trace::{Event, SpanId};
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

use crate::in_use::InUse;

static RECORD_SOURCES: AtomicUsize = AtomicUsize::new(0);
static EVENT_SOURCES: AtomicUsize = AtomicUsize::new(0);
static LINES: LazyLock<Mutex<Lines>> = LazyLock::new(Mutex::default);

/// Most groups of lines that are remembered. A line whose group was forgotten is sent twice.
const MAX_GROUPS: usize = 8192;

/// Log records are sent from now on, until the returned value is dropped.
pub(crate) fn record_source() -> InUse {
    InUse::new(&RECORD_SOURCES)
}

/// Events of spans are sent from now on, until the returned value is dropped.
pub(crate) fn event_source() -> InUse {
    InUse::new(&EVENT_SOURCES)
}

/// Whether the line of a log record has been sent as an event.
pub(crate) fn is_sent(record: &SdkLogRecord) -> bool {
    if !has_both_sources() {
        return false;
    }
    // The appender sets all of them.
    let group = record
        .trace_context()
        .zip(record.severity_text())
        .zip(record.target().filter(|_| record.event_name().is_some()));
    group.is_some_and(|((context, level), target)| {
        let key = key(context.span_id, level, target);
        with_lines(|lines| lines.add(key, |counts| &mut counts.records, |counts| &mut counts.events))
    })
}

/// Removes the events of a span whose lines have been sent as log records.
pub(crate) fn remove_sent(span: &mut SpanData) {
    if span.events.events.is_empty() || !has_both_sources() {
        return;
    }
    let id = span.span_context.span_id();
    span.events.events.retain(|event| {
        let Some((level, target)) = text(event, "level").zip(text(event, "target")) else { return true };
        let key = key(id, &level, &target);
        !with_lines(|lines| lines.add(key, |counts| &mut counts.events, |counts| &mut counts.records))
    });
}

fn has_both_sources() -> bool {
    RECORD_SOURCES.load(Ordering::Relaxed) > 0 && EVENT_SOURCES.load(Ordering::Relaxed) > 0
}

fn text(event: &Event, key: &str) -> Option<String> {
    let attribute = event.attributes.iter().find(|attribute| attribute.key.as_str() == key)?;
    Some(attribute.value.as_str().into_owned())
}

/// The lines of a span with one level and one target. Their texts do not count: the two crates write errors differently.
fn key(span: SpanId, level: &str, target: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((span.to_bytes(), level, target))
}

fn with_lines<T>(access: impl FnOnce(&mut Lines) -> T) -> T {
    access(&mut LINES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// How often each line of a group came, from either source.
#[derive(Default)]
struct Lines {
    groups: HashMap<u64, Counts>,
    order: VecDeque<u64>,
}

#[derive(Default)]
struct Counts {
    records: u32,
    events: u32,
}

impl Lines {
    /// Counts a line of one source. Whether the other source had it before.
    fn add(&mut self, key: u64, own: fn(&mut Counts) -> &mut u32, other: fn(&mut Counts) -> &mut u32) -> bool {
        let Self { groups, order } = self;
        let counts = groups.entry(key).or_insert_with(|| {
            order.push_back(key);
            Counts::default()
        });
        *own(counts) += 1;
        let (own, other) = (*own(counts), *other(counts));
        if order.len() > MAX_GROUPS
            && let Some(oldest) = order.pop_front()
        {
            groups.remove(&oldest);
        }
        own <= other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_sent_once_whichever_source_has_it_first() {
        let mut lines = Lines::default();
        let mut record = |key| lines.add(key, |counts| &mut counts.records, |counts| &mut counts.events);
        assert!(!record(1) && !record(1));
        let mut event = |key| lines.add(key, |counts| &mut counts.events, |counts| &mut counts.records);
        assert!(event(1) && event(1) && !event(1), "a third line is not a record");
        assert!(!event(2));
        let mut record = |key| lines.add(key, |counts| &mut counts.records, |counts| &mut counts.events);
        assert!(record(1) && record(2) && !record(2));
    }

    #[test]
    fn groups_are_bounded() {
        let mut lines = Lines::default();
        for key in 0..2 * MAX_GROUPS as u64 {
            lines.add(key, |counts| &mut counts.records, |counts| &mut counts.events);
        }
        assert_eq!((lines.groups.len(), lines.order.len()), (MAX_GROUPS, MAX_GROUPS));
    }
}
