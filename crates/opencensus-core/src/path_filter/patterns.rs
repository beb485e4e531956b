//! Matches all globs and regular expressions in one pass over the path.

use regex::{RegexSet, RegexSetBuilder};

use crate::path_filter::condition::Condition;
use crate::path_filter::entry::REGEX_SIZE_LIMIT;

/// Patterns grouped by their condition. There are few groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns(Vec<Group>);

#[derive(Clone, Debug)]
struct Group {
    condition: Condition,
    sources: Vec<Box<str>>,
    compiled: RegexSet,
}

impl Patterns {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, pattern: Box<str>, condition: Condition) {
        match self.0.iter_mut().find(|group| group.condition == condition) {
            Some(group) => group.sources.push(pattern),
            None => self.0.push(Group { condition, sources: vec![pattern], compiled: RegexSet::empty() }),
        }
    }

    pub(super) fn compile(&mut self) -> Result<(), regex::Error> {
        for group in &mut self.0 {
            // Each pattern alone is within the limit.
            let size_limit = REGEX_SIZE_LIMIT.saturating_mul(group.sources.len() + 1);
            group.compiled = RegexSetBuilder::new(&group.sources).size_limit(size_limit).build()?;
        }
        Ok(())
    }

    #[inline]
    pub(super) fn matches(&self, path: &str, holds: impl Fn(&Condition) -> bool) -> bool {
        !self.0.is_empty() && self.0.iter().any(|group| holds(&group.condition) && group.compiled.is_match(path))
    }
}
