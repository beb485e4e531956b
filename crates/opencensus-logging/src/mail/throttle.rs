//! Limits the number of mails.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::record::Record;

/// Passes the first record of a kind in each window, up to a number of records of all kinds; counts the other records
/// for a summary.
#[derive(Debug)]
pub(super) struct Throttle {
    limits: Limits,
    // The start of the current window. `None`: no record arrived since the last one.
    opened: Option<Instant>,
    sent: u64,
    kinds: BTreeMap<Kind, Suppressed>,
    // Records of further kinds.
    others: u64,
}

/// The limits of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) window: Duration,
    /// The most mails in a window, without the summary.
    pub(crate) cap: u64,
}

/// A kind of records: those of one place with one type of error. Their words may differ in each of them.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Kind {
    level: i32,
    level_name: String,
    logger: String,
    path: String,
    line: u32,
    error: Option<String>,
}

/// Records of a kind that were counted.
#[derive(Debug, Default)]
struct Suppressed {
    count: u64,
    // The message of the first record of the kind, before its values.
    message: String,
}

/// The records that were suppressed in a window.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Summary {
    pub(super) suppressed: u64,
    /// A line for each kind.
    pub(super) text: String,
}

/// The most kinds that are counted apart in a window: clients may be able to cause any number.
const KINDS: usize = 200;
/// The longest message of a kind, in characters.
const LONGEST: usize = 200;

impl Kind {
    pub(super) fn of(record: &Record) -> Self {
        let error = record.error.as_ref().and_then(|error| error.chain().into_iter().next());
        Self {
            level: -record.level.number(),
            level_name: record.level_name.to_string(),
            logger: record.logger.to_string(),
            path: record.source.path.to_string(),
            line: record.source.line,
            error: error.and_then(|link| link.type_name).map(Cow::into_owned),
        }
    }
}

impl Throttle {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, opened: None, sent: 0, kinds: BTreeMap::new(), others: 0 }
    }

    /// Whether a record of this kind is mailed now. Otherwise it is counted.
    pub(super) fn admits(&mut self, record: &Record, now: Instant) -> bool {
        let kind = Kind::of(record);
        self.opened.get_or_insert(now);
        let is_new = !self.kinds.contains_key(&kind);
        if is_new && self.kinds.len() >= KINDS {
            self.others += 1;
            return false;
        }
        let suppressed = self.kinds.entry(kind).or_default();
        if is_new {
            suppressed.message = record.message.chars().take(LONGEST).collect();
        }
        if is_new && self.sent < self.limits.cap {
            self.sent += 1;
            return true;
        }
        suppressed.count += 1;
        false
    }

    /// The length of a window.
    pub(super) fn window(&self) -> Duration {
        self.limits.window
    }

    /// The end of the current window.
    pub(super) fn window_end(&self) -> Option<Instant> {
        self.opened.map(|opened| opened + self.limits.window)
    }

    /// Ends the window, and summarizes its suppressed records.
    pub(super) fn end_window(&mut self) -> Option<Summary> {
        let ended = std::mem::replace(self, Self::new(self.limits));
        let suppressed = ended.kinds.values().map(|suppressed| suppressed.count).sum::<u64>() + ended.others;
        if suppressed == 0 {
            return None;
        }
        let mut text = String::new();
        for (kind, Suppressed { count, message }) in ended.kinds.iter().filter(|(_, kind)| kind.count > 0) {
            let error = kind.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
            text.push_str(&format!("{count} x {} {}: {message}{error}\n", kind.level_name, kind.logger));
        }
        if ended.others > 0 {
            text.push_str(&format!("{} x others\n", ended.others));
        }
        Some(Summary { suppressed, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;

    /// A record of a line of a file for each kind.
    fn kind(line: &str) -> Record {
        let mut record = Record::new("shop".into(), Level::ERROR, line.to_owned());
        record.source.path = line.to_owned().into();
        record
    }

    #[test]
    fn first_record_of_a_kind_passes_and_the_others_are_counted() {
        let now = Instant::now();
        let mut throttle = Throttle::new(Limits { window: Duration::from_secs(600), cap: 2 });
        assert_eq!((throttle.window_end(), throttle.end_window()), (None, None));
        assert!(throttle.admits(&kind("a"), now));
        assert!(!throttle.admits(&kind("a"), now + Duration::from_secs(1)));
        assert!(throttle.admits(&kind("b"), now));
        assert!(!throttle.admits(&kind("c"), now), "the cap is two mails");
        assert!(!throttle.admits(&kind("c"), now));
        assert_eq!(throttle.window_end(), Some(now + Duration::from_secs(600)));
        let text = "1 x ERROR shop: a\n2 x ERROR shop: c\n".to_owned();
        assert_eq!(throttle.end_window(), Some(Summary { suppressed: 3, text }));
        assert!(throttle.admits(&kind("a"), now), "a new window");
        assert_eq!(throttle.end_window(), None);
    }

    #[test]
    fn words_of_a_message_make_no_kind_and_place_logger_and_error_do() {
        let now = Instant::now();
        let mut throttle = Throttle::new(Limits { window: Duration::from_secs(600), cap: 20 });
        let record = |message: &str| kind("a.rs").tap(|record| record.message = message.to_owned().into());
        assert!(throttle.admits(&record("order 1 failed"), now));
        assert!(!throttle.admits(&record("order 2 failed"), now), "only the words differ");
        assert!(throttle.admits(&record("x").tap(|record| record.source.line += 1), now));
        assert!(throttle.admits(&record("x").tap(|record| record.logger = "shop.cart".into()), now));
        assert!(throttle.admits(&record("x").tap(|record| record.error = Some(std::fmt::Error.into())), now));
        assert!(!throttle.admits(&record("y").tap(|record| record.error = Some(std::fmt::Error.into())), now));
        assert_eq!(throttle.end_window().unwrap().suppressed, 2);
    }

    trait Tap: Sized {
        fn tap(mut self, change: impl FnOnce(&mut Self)) -> Self {
            change(&mut self);
            self
        }
    }

    impl Tap for Record {}

    #[test]
    fn number_of_kinds_is_bounded() {
        let now = Instant::now();
        let mut throttle = Throttle::new(Limits { window: Duration::from_secs(600), cap: 5 });
        let admitted = (0..10_000).filter(|n| throttle.admits(&kind(&n.to_string()), now)).count();
        assert_eq!((admitted, throttle.kinds.len()), (5, KINDS));
        let summary = throttle.end_window().unwrap();
        assert_eq!(summary.suppressed, 9_995);
        assert!(summary.text.ends_with("9800 x others\n"), "{}", summary.text);
    }
}
