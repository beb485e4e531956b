//! The entries of one host, or those without a host.

use crate::path_filter::condition::{Condition, Conditions};
use crate::path_filter::entry::PathRule;
use crate::path_filter::path_table::PathTable;
use crate::path_filter::patterns::Patterns;

/// Finds entries by path.
#[derive(Clone, Debug, Default)]
pub(super) struct PathIndex {
    // Entries without a path.
    any_path: Conditions,
    paths: PathTable,
    patterns: Patterns,
}

impl PathIndex {
    pub(super) fn insert(&mut self, path: PathRule, condition: Condition) {
        match path {
            PathRule::Any => self.any_path.add(condition),
            PathRule::Exact(path) => self.paths.insert_exact(path, condition),
            PathRule::Prefix(path) => self.paths.insert_prefix(path, condition),
            PathRule::Pattern(pattern) => self.patterns.insert(pattern, condition),
        }
    }

    /// Compiles the patterns. Call it once, after all entries were inserted.
    pub(super) fn compile(&mut self) -> Result<(), regex::Error> {
        self.patterns.compile()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.any_path.is_empty() && self.paths.is_empty() && self.patterns.is_empty()
    }

    #[inline]
    pub(super) fn matches(&self, path: &str, holds: impl Fn(&Condition) -> bool + Copy) -> bool {
        self.any_path.any(holds) || self.paths.matches(path, holds) || self.patterns.matches(path, holds)
    }
}
