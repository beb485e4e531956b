//! Globs and regular expressions, all tried in one pass over the path.

use regex::{RegexSet, RegexSetBuilder};

use crate::path_filter::condition::Condition;
use crate::path_filter::entry::REGEX_SIZE_LIMIT;

/// Patterns, tried together.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns {
    sources: Vec<(Box<str>, Condition)>,
    // Patterns without a condition need not tell which of them matched.
    plain: Option<RegexSet>,
    conditional: Option<(RegexSet, Vec<Condition>)>,
}

impl Patterns {
    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    pub(super) fn insert(&mut self, pattern: Box<str>, condition: Condition) {
        self.sources.push((pattern, condition));
    }

    pub(super) fn compile(&mut self) -> Result<(), regex::Error> {
        let (plain, conditional): (Vec<_>, Vec<_>) =
            self.sources.iter().cloned().partition(|(_, condition)| condition.is_none());
        self.plain = set(&plain)?;
        let conditions = conditional.iter().map(|(_, condition)| condition.clone()).collect();
        self.conditional = set(&conditional)?.map(|set| (set, conditions));
        Ok(())
    }

    pub(super) fn matches(&self, path: &str, holds: impl Fn(&Condition) -> bool) -> bool {
        let conditional = |(set, conditions): &(RegexSet, Vec<Condition>)| {
            set.matches(path).iter().any(|pattern| holds(&conditions[pattern]))
        };
        self.plain.as_ref().is_some_and(|set| set.is_match(path)) || self.conditional.as_ref().is_some_and(conditional)
    }
}

fn set(patterns: &[(Box<str>, Condition)]) -> Result<Option<RegexSet>, regex::Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    // Each was accepted alone.
    let size_limit = REGEX_SIZE_LIMIT.saturating_mul(patterns.len() + 1);
    RegexSetBuilder::new(patterns.iter().map(|(pattern, _)| pattern)).size_limit(size_limit).build().map(Some)
}
