//! How many mails an administrator wants.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::record::Record;

/// Lets the first mail of a kind pass in each window, and so many of all kinds; counts the others for a summary.
#[derive(Debug)]
pub(super) struct Throttle {
    limits: Limits,
    // Of the window that is open. `None`: nothing has come since the last one.
    opened: Option<Instant>,
    sent: u64,
    kinds: BTreeMap<Kind, u64>,
    // Records of kinds beyond those that are told apart.
    others: u64,
}

/// What is let pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) window: Duration,
    /// Mails in a window.
    pub(crate) cap: u64,
}

/// What makes two records the same to an administrator.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Kind {
    level: i32,
    level_name: String,
    logger: String,
    template: String,
    error: Option<String>,
}

/// What was held back in a window.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Summary {
    pub(super) held: u64,
    /// A line for each kind.
    pub(super) text: String,
}

/// Kinds that are told apart in a window: what a stranger can make up must not fill the memory.
const KINDS: usize = 200;
/// Longest words of a kind.
const WORDS: usize = 200;

impl Kind {
    pub(super) fn of(record: &Record) -> Self {
        let error = record.error.as_ref().and_then(|error| error.chain().into_iter().next());
        Self {
            level: -record.level.number(),
            level_name: record.level_name.to_string(),
            logger: record.logger.to_string(),
            template: record.message.chars().take(WORDS).collect(),
            error: error.and_then(|link| link.type_name).map(Cow::into_owned),
        }
    }
}

impl Throttle {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, opened: None, sent: 0, kinds: BTreeMap::new(), others: 0 }
    }

    /// Whether a record of this kind is mailed now. If not, it is counted.
    pub(super) fn admits(&mut self, kind: Kind, now: Instant) -> bool {
        self.opened.get_or_insert(now);
        let is_new = !self.kinds.contains_key(&kind);
        if is_new && self.kinds.len() >= KINDS {
            self.others += 1;
            return false;
        }
        let held = self.kinds.entry(kind).or_default();
        if is_new && self.sent < self.limits.cap {
            self.sent += 1;
            return true;
        }
        *held += 1;
        false
    }

    /// How long a window is.
    pub(super) fn window(&self) -> Duration {
        self.limits.window
    }

    /// When the window that is open ends.
    pub(super) fn ends(&self) -> Option<Instant> {
        self.opened.map(|opened| opened + self.limits.window)
    }

    /// Ends the window, and tells what was held back in it.
    pub(super) fn end(&mut self) -> Option<Summary> {
        let ended = std::mem::replace(self, Self::new(self.limits));
        let held = ended.kinds.values().sum::<u64>() + ended.others;
        if held == 0 {
            return None;
        }
        let mut text = String::new();
        for (kind, count) in ended.kinds.iter().filter(|(_, count)| **count > 0) {
            let error = kind.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
            text.push_str(&format!("{count} x {} {}: {}{error}\n", kind.level_name, kind.logger, kind.template));
        }
        if ended.others > 0 {
            text.push_str(&format!("{} x others\n", ended.others));
        }
        Some(Summary { held, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;

    fn kind(message: &str) -> Kind {
        Kind::of(&Record::new("shop".into(), Level::ERROR, message.to_owned()))
    }

    #[test]
    fn first_of_a_kind_passes_and_the_others_are_counted() {
        let now = Instant::now();
        let mut throttle = Throttle::new(Limits { window: Duration::from_secs(600), cap: 2 });
        assert_eq!((throttle.ends(), throttle.end()), (None, None));
        assert!(throttle.admits(kind("a"), now));
        assert!(!throttle.admits(kind("a"), now + Duration::from_secs(1)));
        assert!(throttle.admits(kind("b"), now));
        assert!(!throttle.admits(kind("c"), now), "two mails are enough");
        assert!(!throttle.admits(kind("c"), now));
        assert_eq!(throttle.ends(), Some(now + Duration::from_secs(600)));
        let text = "1 x ERROR shop: a\n2 x ERROR shop: c\n".to_owned();
        assert_eq!(throttle.end(), Some(Summary { held: 3, text }));
        assert!(throttle.admits(kind("a"), now), "a new window");
        assert_eq!(throttle.end(), None);
    }

    #[test]
    fn kinds_of_a_strangers_making_do_not_fill_the_memory() {
        let now = Instant::now();
        let mut throttle = Throttle::new(Limits { window: Duration::from_secs(600), cap: 5 });
        let admitted = (0..10_000).filter(|n| throttle.admits(kind(&n.to_string()), now)).count();
        assert_eq!((admitted, throttle.kinds.len()), (5, KINDS));
        let summary = throttle.end().unwrap();
        assert_eq!(summary.held, 9_995);
        assert!(summary.text.ends_with("9800 x others\n"), "{}", summary.text);
    }
}
