//! Items whose record the worker takes.

use std::fmt;

use crate::telemetry::TelemetryItem;

/// A queued item whose record the worker takes before it encodes the item, so that the request's thread
/// copies nothing.
pub(crate) trait Pending: Send + Sync + fmt::Debug {
    /// Takes the record. `None` if it was taken before.
    fn take(&self) -> Option<TelemetryItem>;
}
