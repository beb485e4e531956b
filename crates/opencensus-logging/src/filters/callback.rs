//! A filter that calls a function.

use std::fmt;
use std::sync::Arc;

use crate::filters::Filter;
use crate::record::Record;

/// A function that decides whether a record passes, and may change it.
pub type Callback = Arc<dyn Fn(&mut Arc<Record>) -> bool + Send + Sync>;

/// Calls a function for each record, as Django's `CallbackFilter` does.
///
/// # Examples
///
/// ```
/// use opencensus_logging::filters::{CallbackFilter, Filter};
/// use opencensus_logging::{Level, Record};
/// use std::sync::Arc;
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("the upload was cut short")]
/// struct UnreadablePost;
///
/// let filter = CallbackFilter::new(|record| {
///     !record.error.as_ref().is_some_and(|error| error.downcast_ref::<UnreadablePost>().is_some())
/// });
/// let mut record = Record::new("shop".into(), Level::ERROR, "upload failed");
/// assert!(filter.filter(&mut Arc::new(record.clone())));
/// record.error = Some(UnreadablePost.into());
/// assert!(!filter.filter(&mut Arc::new(record)));
/// ```
#[derive(Clone)]
pub struct CallbackFilter {
    callback: Callback,
}

impl CallbackFilter {
    /// A filter that calls this function, which decides whether the record passes.
    pub fn new(callback: impl Fn(&Record) -> bool + Send + Sync + 'static) -> Self {
        Self::changing(move |record| callback(record))
    }

    /// A filter that calls this function, which may also change the record, by [`Arc::make_mut`].
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_logging::filters::CallbackFilter;
    /// use std::sync::Arc;
    ///
    /// let shop = CallbackFilter::changing(|record| {
    ///     Arc::make_mut(record).set_field("shop", "north");
    ///     true
    /// });
    /// ```
    pub fn changing(callback: impl Fn(&mut Arc<Record>) -> bool + Send + Sync + 'static) -> Self {
        Self { callback: Arc::new(callback) }
    }

    pub(crate) fn of(callback: Callback) -> Self {
        Self { callback }
    }
}

impl Filter for CallbackFilter {
    fn filter(&self, record: &mut Arc<Record>) -> bool {
        (self.callback)(record)
    }
}

impl fmt::Debug for CallbackFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackFilter")
    }
}
