//! An item that belongs to a request.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::pipeline::Pending;
use crate::telemetry::TelemetryItem;

/// An operation with a name.
pub(super) trait Operation: Send + Sync {
    /// The name as far as it is known now.
    fn name(&self) -> String;
}

/// An item below a request. The worker names the request's operation in it, so that nothing is formatted before.
pub(super) struct RequestItem {
    item: Mutex<Option<TelemetryItem>>,
    operation: Arc<dyn Operation>,
}

impl RequestItem {
    pub(super) fn new(item: TelemetryItem, operation: Arc<dyn Operation>) -> Self {
        Self { item: Mutex::new(Some(item)), operation }
    }
}

impl Pending for RequestItem {
    fn take(&self) -> Option<TelemetryItem> {
        let mut item = self.item.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        item.set_operation(|| self.operation.name());
        Some(item)
    }
}

impl fmt::Debug for RequestItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestItem").finish_non_exhaustive()
    }
}
