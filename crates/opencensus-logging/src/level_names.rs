//! Names that a program gives to levels.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::level::Level;

/// Names that a program gives to levels.
#[derive(Default)]
pub(crate) struct LevelNames {
    names: RwLock<BTreeMap<i32, String>>,
    // Most programs give none: their records take no lock.
    has_names: AtomicBool,
}

impl LevelNames {
    pub(crate) fn add(&self, level: Level, name: String) {
        self.names.write().unwrap_or_else(PoisonError::into_inner).insert(level.number(), name);
        self.has_names.store(true, Ordering::Release);
    }

    /// The name that the program gave to a level.
    pub(crate) fn custom_name(&self, level: Level) -> Option<String> {
        if !self.has_names.load(Ordering::Acquire) {
            return None;
        }
        self.names.read().unwrap_or_else(PoisonError::into_inner).get(&level.number()).cloned()
    }

    /// The level of this name; custom names come first.
    pub(crate) fn level(&self, name: &str) -> Option<Level> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        let custom = names.iter().find(|(_, known)| *known == name).map(|(number, _)| Level::from_number(*number));
        custom.or_else(|| Level::from_name(name))
    }
}
