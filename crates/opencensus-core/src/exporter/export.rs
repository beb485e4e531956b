//! The exporter trait.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::exporter::{Batch, Destination, SendOutcome};
use crate::telemetry::TelemetryItem;

/// The error of an exporter that cannot start.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The sending of a batch. It is polled on the worker's thread, inside its tokio runtime.
pub type SendFuture = Pin<Box<dyn Future<Output = SendOutcome>>>;

/// Encodes items and sends batches. The [module](crate::exporter) has an example.
///
/// The worker calls all methods on its thread, one at a time, and sends one batch at a time. A panic in
/// `encode` or `send` drops the items concerned, which are counted
/// ([`DropReason::ExporterPanicked`](crate::exporter::DropReason::ExporterPanicked)); the pipeline continues.
pub trait Exporter: Send + 'static {
    /// Starts the exporter. Called once, before all other methods, inside the worker's tokio runtime: create
    /// clients that need a runtime here. Default: does nothing.
    ///
    /// # Errors
    ///
    /// The exporter cannot start; [`Pipeline::start`](crate::Pipeline::start) returns the error.
    fn start(&mut self) -> Result<(), BoxError> {
        Ok(())
    }

    /// Where the exporter sends. Batches of bytes ([`Batch::push_bytes`]) that cannot be sent are stored on disk under
    /// this name, if the pipeline has a [store](crate::store). Called once, after [`start`](Self::start). Default:
    /// `None`, nothing is stored.
    fn destination(&self) -> Option<Destination> {
        None
    }

    /// Takes parts out of an item that are exported as separate items, such as the events of a request.
    /// Called once for every item, before [`encode`](Self::encode). The parts are accepted and counted like
    /// other items and are not split again. Default: no parts.
    fn split(&mut self, item: &mut TelemetryItem) -> Vec<TelemetryItem> {
        let _ = item;
        Vec::new()
    }

    /// Adds one item to the batch, as bytes or as a record, with exactly one push. An item that is not pushed
    /// needs no delivery and counts as delivered.
    ///
    /// # Errors
    ///
    /// The item cannot be exported; it is dropped and counted.
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError>;

    /// Sends a batch of at least one item. It must not block the thread. After
    /// [`Delivery::Retry`](crate::Delivery::Retry) the pipeline calls it again with the same items.
    fn send(&mut self, batch: Arc<Batch>) -> SendFuture;

    /// Stops the exporter. Called once, after the last batch, when the pipeline is shut down or dropped: send
    /// items that the exporter itself has buffered, within this time. Default: does nothing.
    fn stop(&mut self, within: Duration) {
        let _ = within;
    }
}

/// Why an item cannot be encoded. The exporter returns it, and the pipeline counts the item as dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EncodeError {
    /// It is too large for the protocol, even if its texts are cut.
    TooLarge,
    /// The exporter does not support this kind of item.
    Unsupported,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the item is too large for the protocol",
            Self::Unsupported => "the exporter does not support this kind of item",
        })
    }
}

impl std::error::Error for EncodeError {}

impl Exporter for Box<dyn Exporter> {
    fn start(&mut self) -> Result<(), BoxError> {
        (**self).start()
    }

    fn destination(&self) -> Option<Destination> {
        (**self).destination()
    }

    fn split(&mut self, item: &mut TelemetryItem) -> Vec<TelemetryItem> {
        (**self).split(item)
    }

    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        (**self).encode(item, batch)
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        (**self).send(batch)
    }

    fn stop(&mut self, within: Duration) {
        (**self).stop(within);
    }
}
