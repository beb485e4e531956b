//! Which records go on, and changed how.
//!
//! A filter stands before a logger (it sees the records that are made there) or before a handler (it sees all that
//! come to it). The first of them that says no ends the record's way. What one changes, later filters and handlers
//! see.
//!
//! | filter | `()` in a configuration |
//! | --- | --- |
//! | [`NameFilter`] | none, `name = "shop"`; `logging.Filter` |
//! | [`CallbackFilter`], any function | `callback`, `django.utils.log.CallbackFilter`, with `callback = "name"` |
//! | [`RequireDebugFalse`], [`RequireDebugTrue`] | `require_debug_false`, `require_debug_true`, and Django's names |

mod callback;
mod name;
mod require_debug;

pub use callback::{Callback, CallbackFilter};
pub use name::NameFilter;
pub use require_debug::{RequireDebugFalse, RequireDebugTrue};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::record::Record;
use crate::shared::Shared;

/// Decides whether a record goes on.
pub trait Filter: Send + Sync {
    /// Whether the record goes on. Change it by [`Arc::make_mut`]: handlers that hold it already keep theirs.
    fn filter(&self, record: &mut Arc<Record>) -> bool;
}

/// Whether all of them let the record pass. One that panics lets it, and is counted.
pub(crate) fn pass(filters: &[Arc<dyn Filter>], record: &mut Arc<Record>, shared: &Shared) -> bool {
    filters.iter().all(|filter| {
        if shared.dialect.lets_panics_out() {
            return filter.filter(record);
        }
        catch_unwind(AssertUnwindSafe(|| filter.filter(record))).unwrap_or_else(|_| {
            shared.filter_panics.fetch_add(1, Ordering::Relaxed);
            true
        })
    })
}
