//! Filters by the debug mode.

use std::sync::Arc;

use crate::filters::Filter;
use crate::record::Record;
use crate::shared::Shared;

/// Passes records while the debug mode is off.
pub struct RequireDebugFalse {
    pub(crate) shared: Arc<Shared>,
}

/// Passes records while the debug mode is on.
pub struct RequireDebugTrue {
    pub(crate) shared: Arc<Shared>,
}

impl Filter for RequireDebugFalse {
    fn filter(&self, _: &mut Arc<Record>) -> bool {
        !self.shared.is_debug()
    }
}

impl Filter for RequireDebugTrue {
    fn filter(&self, _: &mut Arc<Record>) -> bool {
        self.shared.is_debug()
    }
}
