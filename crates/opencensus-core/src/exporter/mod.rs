//! Where telemetry goes.
//!
//! An [`Exporter`] has two halves. [`encode`](Exporter::encode) puts one item into the open
//! [`Batch`], at once and on the worker's thread; [`send`](Exporter::send) delivers a whole batch
//! and says what became of it. Format and transport are the exporter's; batching, retry, bisection
//! and counting are the pipeline's, so every exporter has them.
//!
//! # Examples
//!
//! An exporter that writes one line a request:
//!
//! ```
//! use opencensus_core::exporter::{Batch, Delivery, Exporter, SendFuture, EncodeError};
//! use opencensus_core::TelemetryItem;
//! use std::sync::Arc;
//!
//! struct Lines;
//!
//! impl Exporter for Lines {
//!     fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
//!         if let TelemetryItem::Request(request) = item {
//!             batch.push_bytes(|bytes| bytes.extend_from_slice(request.name().as_bytes()));
//!         }
//!         Ok(())
//!     }
//!
//!     fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
//!         Box::pin(async move {
//!             for line in batch.chunks() {
//!                 println!("{}", String::from_utf8_lossy(line));
//!             }
//!             Delivery::Delivered
//!         })
//!     }
//! }
//! ```

mod batch;
mod console;
mod in_memory;
mod tee;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use batch::Batch;
pub use console::ConsoleExporter;
pub use in_memory::InMemoryExporter;
pub use tee::Tee;

use crate::pipeline::DropReason;
use crate::telemetry::TelemetryItem;

/// Error of an exporter that cannot start.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A batch under way. Polled on the worker's thread, inside its tokio runtime.
pub type SendFuture = Pin<Box<dyn Future<Output = Delivery>>>;

/// Turns items into batches, and delivers batches.
///
/// All methods are called on the worker's thread, never two at once; one batch is under way at a
/// time. A panic in `encode` or `send` drops the items concerned and is counted
/// ([`DropReason::ExporterPanicked`]); the pipeline goes on.
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

/// What became of a batch.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// Every item arrived.
    Delivered,
    /// Nothing arrived, or nobody knows: send all of it again, not before `after` if that is given.
    Retry {
        /// The shortest wait that the endpoint asked for.
        after: Option<Duration>,
    },
    /// The endpoint refused the batch as a whole because of an item in it, or because of its size.
    /// The pipeline sends halves, until the culprit is alone.
    Refused,
    /// No item of it will ever arrive.
    Dropped {
        /// Why.
        reason: DropReason,
        /// How long nothing is to be sent.
        pause: Option<Duration>,
    },
    /// Some items did not arrive; all others did. Indexes outside the batch are ignored; of two
    /// outcomes for one item the first counts.
    Partial {
        /// Index in the batch and outcome of each item that did not arrive.
        items: Vec<(usize, ItemOutcome)>,
        /// The shortest wait before the items to be retried are sent again.
        after: Option<Duration>,
    },
}

/// What became of an item that did not arrive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ItemOutcome {
    /// Send it again.
    Retry,
    /// It is lost.
    Dropped(DropReason),
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
