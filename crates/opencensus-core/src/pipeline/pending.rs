//! Items that finish on the worker's thread.

use std::fmt;

use crate::telemetry::TelemetryItem;

/// A queued item whose record is taken by the worker when it encodes it, so that the thread that
/// queues it copies nothing.
pub(crate) trait Pending: Send + Sync + fmt::Debug {
    /// Takes the record. `None` if it was taken before.
    fn take(&self) -> Option<TelemetryItem>;
}
