//! The exporter trait.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::exporter::{Batch, Delivery};
use crate::telemetry::TelemetryItem;

/// Error of an exporter that cannot start.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A batch under way. Polled on the worker's thread, inside its tokio runtime.
pub type SendFuture = Pin<Box<dyn Future<Output = Delivery>>>;

/// Turns items into batches, and delivers batches.
///
/// All methods are called on the worker's thread, never two at once; one batch is under way at a
/// time. A panic in `encode` or `send` drops the items concerned and is counted
/// ([`DropReason::ExporterPanicked`](crate::exporter::DropReason::ExporterPanicked)); the pipeline goes on.
pub trait Exporter: Send + 'static {
    /// Called once, before everything else, inside the worker's tokio runtime: the place to make
    /// clients that need one.
    ///
    /// # Errors
    ///
    /// Nothing is exported; whoever started the pipeline gets the error.
    fn start(&mut self) -> Result<(), BoxError> {
        Ok(())
    }

    /// Takes out of an item what travels better as items of its own, such as what happened during a request.
    /// Called once for every item, before [`encode`](Self::encode); what is taken out is accepted and counted
    /// like what was handed in, and is not split again. Default: nothing.
    fn split(&mut self, item: &mut TelemetryItem) -> Vec<TelemetryItem> {
        let _ = item;
        Vec::new()
    }

    /// Puts one item into the batch, as bytes or as it is, by exactly one push. An item that needs
    /// no delivery is pushed nowhere and counts as delivered.
    ///
    /// # Errors
    ///
    /// The item cannot be exported; it is dropped and counted.
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError>;

    /// Delivers a batch of at least one item. Must not block the thread. The pipeline calls again
    /// with the same items if it is told to retry.
    fn send(&mut self, batch: Arc<Batch>) -> SendFuture;

    /// Called once, after the last batch, if the pipeline is shut down or dropped: the place to hand
    /// on what the exporter itself has held back, within the time given.
    fn stop(&mut self, within: Duration) {
        let _ = within;
    }
}

/// An item that cannot be encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EncodeError {
    /// It is too large for the protocol even when it is cut.
    TooLarge,
    /// The exporter has no form for this kind of item.
    Unsupported,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the item is too large for the protocol",
            Self::Unsupported => "the exporter has no form for this kind of item",
        })
    }
}

impl std::error::Error for EncodeError {}

impl Exporter for Box<dyn Exporter> {
    fn start(&mut self) -> Result<(), BoxError> {
        (**self).start()
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
