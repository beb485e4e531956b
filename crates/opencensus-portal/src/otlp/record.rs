//! A record of a request: a span, a log record or a metric.

use serde::de::DeserializeOwned;

use crate::otlp::envelope::{Envelope, Mapped};
use crate::otlp::records::ListNames;

/// What differs between spans, log records and metrics.
pub(super) trait Record: prost::Message + Default + DeserializeOwned {
    /// The names of the lists in JSON, from the outermost to that of the records.
    const LISTS: ListNames;
    /// The name of the number of refused records in JSON.
    const REJECTED: &'static str;
    /// The most bytes of an encoded record. The service refuses items of more than 64 KiB; a metric has many of them.
    const MAX_BYTES: usize;

    /// The number of records: 1, or the number of a metric's data points.
    fn count(&self) -> usize;

    /// Why the record is refused, if it is not valid.
    fn fault(&self) -> Option<&'static str> {
        None
    }

    /// The items of the record. `envelope` has the tags of the resource, `scope` is the name of the library.
    fn map(self, envelope: Envelope, scope: &str) -> impl Iterator<Item = Mapped>;
}
