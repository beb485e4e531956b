//! The severity of a record.

use std::borrow::Cow;
use std::fmt;

/// The severity of a record: a number, and a name for some numbers. Numbers and names are Python's.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Level;
///
/// assert!(Level::ERROR > Level::WARNING);
/// assert_eq!(Level::from_name("WARN"), Some(Level::WARNING));
/// assert_eq!(Level::from_number(25).to_string(), "Level 25");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Level(i32);

impl Level {
    /// 0. A logger with this level uses that of its parent; a handler takes all records.
    pub const NOTSET: Self = Self(0);
    /// 10: details for debugging.
    pub const DEBUG: Self = Self(10);
    /// 20: normal operation.
    pub const INFO: Self = Self(20);
    /// 30: something unexpected that the program handles.
    pub const WARNING: Self = Self(30);
    /// 40: an operation failed.
    pub const ERROR: Self = Self(40);
    /// 50: the program, or a large part of it, cannot continue.
    pub const CRITICAL: Self = Self(50);

    const NAMED: [(Self, &'static str); 6] = [
        (Self::NOTSET, "NOTSET"),
        (Self::DEBUG, "DEBUG"),
        (Self::INFO, "INFO"),
        (Self::WARNING, "WARNING"),
        (Self::ERROR, "ERROR"),
        (Self::CRITICAL, "CRITICAL"),
    ];
    /// Other names of these levels.
    const ALIASES: [(&'static str, Self); 2] = [("WARN", Self::WARNING), ("FATAL", Self::CRITICAL)];

    /// The level of this number, which need not have a name.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The level of this name, in upper case; `WARN` and `FATAL` are names, too. Names that a program adds belong to
    /// its [`Logging`](crate::Logging::add_level_name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let named = Self::NAMED.into_iter().find(|(_, known)| *known == name).map(|(level, _)| level);
        named.or_else(|| Self::ALIASES.into_iter().find(|(known, _)| *known == name).map(|(_, level)| level))
    }

    /// The name, or `Level 25` for a number without one.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        match Self::NAMED.into_iter().find(|(level, _)| *level == self) {
            Some((_, name)) => Cow::Borrowed(name),
            None => Cow::Owned(format!("Level {}", self.0)),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_those_of_python() {
        for (name, number) in [("NOTSET", 0), ("DEBUG", 10), ("WARN", 30), ("WARNING", 30), ("FATAL", 50)] {
            assert_eq!(Level::from_name(name).map(Level::number), Some(number), "{name}");
        }
        assert_eq!(Level::from_name("info"), None);
        assert_eq!(Level::from_number(25).to_string(), "Level 25");
        assert_eq!(Level::from_number(50).to_string(), "CRITICAL");
    }
}
