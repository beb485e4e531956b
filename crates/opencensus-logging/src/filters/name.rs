//! By the logger's name.

use std::sync::Arc;

use crate::filters::Filter;
use crate::record::Record;

/// Lets records of one logger and those below it pass. An empty name is everybody's.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NameFilter {
    name: String,
}

impl NameFilter {
    /// Of this logger, and below. `::` is `.`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.replace("::", ".") }
    }
}

impl Filter for NameFilter {
    fn filter(&self, record: &mut Arc<Record>) -> bool {
        let below = record.logger.strip_prefix(&*self.name);
        self.name.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}
