//! A filter by the logger's name.

use std::sync::Arc;

use crate::filters::Filter;
use crate::record::Record;

/// Passes records of one logger and of the loggers below it; with an empty name, all records.
///
/// # Examples
///
/// ```
/// use opencensus_logging::filters::{Filter, NameFilter};
/// use opencensus_logging::{Level, Record};
/// use std::sync::Arc;
///
/// let filter = NameFilter::new("shop");
/// assert!(filter.filter(&mut Arc::new(Record::new("shop.cart".into(), Level::INFO, "a chair"))));
/// assert!(!filter.filter(&mut Arc::new(Record::new("shopping".into(), Level::INFO, "a chair"))));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NameFilter {
    name: String,
}

impl NameFilter {
    /// A filter for this logger and the loggers below it. `::` in the name means `.`.
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
