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
pub(super) struct RequestItem<T> {
    item: Mutex<Option<T>>,
    operation: Arc<dyn Operation>,
}

impl<T> RequestItem<T> {
    pub(super) fn new(item: T, operation: Arc<dyn Operation>) -> Self {
        Self { item: Mutex::new(Some(item)), operation }
    }
}

impl<T: Into<TelemetryItem> + Send> Pending for RequestItem<T> {
    fn take(&self) -> Option<TelemetryItem> {
        let item = self.item.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let mut item = item.into();
        item.set_operation(|| self.operation.name());
        Some(item)
    }
}

impl<T> fmt::Debug for RequestItem<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestItem").finish_non_exhaustive()
    }
}
