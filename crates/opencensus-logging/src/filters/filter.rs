//! The trait of filters.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::record::Record;
use crate::shared::Shared;

/// Decides whether a record passes, and may change it.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Record;
/// use opencensus_logging::filters::Filter;
/// use std::sync::Arc;
///
/// /// Adds the name of the shop to every record.
/// struct AddShop(&'static str);
///
/// impl Filter for AddShop {
///     fn filter(&self, record: &mut Arc<Record>) -> bool {
///         Arc::make_mut(record).set_field("shop", self.0);
///         true
///     }
/// }
/// ```
pub trait Filter: Send + Sync {
    /// Whether the record passes. To change it, use [`Arc::make_mut`]: handlers that hold the record already keep the
    /// unchanged one.
    fn filter(&self, record: &mut Arc<Record>) -> bool;
}

/// Whether the record passes all filters. It passes a filter that panics, which is counted.
pub(crate) fn all_pass(filters: &[Arc<dyn Filter>], record: &mut Arc<Record>, shared: &Shared) -> bool {
    filters.iter().all(|filter| {
        if shared.dialect.propagates_panics() {
            return filter.filter(record);
        }
        catch_unwind(AssertUnwindSafe(|| filter.filter(record))).unwrap_or_else(|_| {
            shared.filter_panics.fetch_add(1, Ordering::Relaxed);
            true
        })
    })
}
