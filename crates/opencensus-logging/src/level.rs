//! How grave a record is.

use std::borrow::Cow;
use std::fmt;

/// How grave a record is: a number, and for some numbers a name. Numbers and names are Python's.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Level(i32);

impl Level {
    /// Of a logger: look at its parent. Of a handler: everything. 0.
    pub const NOTSET: Self = Self(0);
    /// Details for whoever looks for a fault. 10.
    pub const DEBUG: Self = Self(10);
    /// As it should be. 20.
    pub const INFO: Self = Self(20);
    /// Worth a look. 30.
    pub const WARNING: Self = Self(30);
    /// Something failed. 40.
    pub const ERROR: Self = Self(40);
    /// Nothing goes on. 50.
    pub const CRITICAL: Self = Self(50);

    const NAMED: [(Self, &'static str); 6] = [
        (Self::NOTSET, "NOTSET"),
        (Self::DEBUG, "DEBUG"),
        (Self::INFO, "INFO"),
        (Self::WARNING, "WARNING"),
        (Self::ERROR, "ERROR"),
        (Self::CRITICAL, "CRITICAL"),
    ];
    /// Other names of the same.
    const ALIASES: [(&'static str, Self); 2] = [("WARN", Self::WARNING), ("FATAL", Self::CRITICAL)];

    /// A level between the named ones.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The level of this name in upper case, `WARN` and `FATAL` among them. Names of one's own are a
    /// [`Logging`](crate::Logging)'s.
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
    fn names_and_numbers_are_pythons() {
        for (name, number) in [("NOTSET", 0), ("DEBUG", 10), ("WARN", 30), ("WARNING", 30), ("FATAL", 50)] {
            assert_eq!(Level::from_name(name).map(Level::number), Some(number), "{name}");
        }
        assert_eq!(Level::from_name("info"), None);
        assert_eq!(Level::from_number(25).to_string(), "Level 25");
        assert_eq!(Level::from_number(50).to_string(), "CRITICAL");
    }
}
