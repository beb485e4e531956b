//! By the debug mode, as it is when the record comes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::filters::Filter;
use crate::record::Record;
use crate::shared::Shared;

/// Lets records pass while the debug mode is off.
pub struct RequireDebugFalse {
    pub(crate) shared: Arc<Shared>,
}

/// Lets records pass while the debug mode is on.
pub struct RequireDebugTrue {
    pub(crate) shared: Arc<Shared>,
}

impl Filter for RequireDebugFalse {
    fn filter(&self, _: &mut Arc<Record>) -> bool {
        !self.shared.debug.load(Ordering::Relaxed)
    }
}

impl Filter for RequireDebugTrue {
    fn filter(&self, _: &mut Arc<Record>) -> bool {
        self.shared.debug.load(Ordering::Relaxed)
    }
}
