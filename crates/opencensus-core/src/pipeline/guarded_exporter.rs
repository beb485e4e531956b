//! Catches panics of the exporter.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::exporter::{Batch, BoxError, Delivery, Destination, DropReason, EncodeError, Exporter, SendFuture};
use crate::telemetry::TelemetryItem;

/// Calls an exporter and turns its panics into results.
pub(super) struct GuardedExporter {
    exporter: Box<dyn Exporter>,
    is_stopped: bool,
}

impl GuardedExporter {
    pub(super) fn new(exporter: Box<dyn Exporter>) -> Self {
        Self { exporter, is_stopped: false }
    }

    /// Starts the exporter. The caller handles a panic: there is no worker yet.
    pub(super) fn start(&mut self) -> Result<(), BoxError> {
        self.exporter.start()
    }

    /// Where the exporter sends. A panic means that nothing is stored.
    pub(super) fn destination(&self) -> Option<Destination> {
        catch_unwind(AssertUnwindSafe(|| self.exporter.destination())).unwrap_or_default()
    }

    /// Splits an item. After a panic the item is exported as the panic left it.
    pub(super) fn split(&mut self, item: &mut TelemetryItem) -> Vec<TelemetryItem> {
        catch_unwind(AssertUnwindSafe(|| self.exporter.split(item))).unwrap_or_default()
    }

    /// Encodes an item into the batch.
    pub(super) fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), DropReason> {
        match catch_unwind(AssertUnwindSafe(|| self.exporter.encode(item, batch))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(EncodeError::TooLarge)) => Err(DropReason::TooLarge),
            Ok(Err(EncodeError::Unsupported)) => Err(DropReason::Unsupported),
            Err(_) => Err(DropReason::ExporterPanicked),
        }
    }

    /// Begins to send a batch. A panic is a delivery that drops it.
    pub(super) fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        let sent = catch_unwind(AssertUnwindSafe(|| self.exporter.send(batch)));
        sent.unwrap_or_else(|_| Box::pin(std::future::ready(panicked().into())))
    }

    /// Stops the exporter, which sends the items that it has buffered. Only the first call has an effect.
    pub(super) fn stop(&mut self, within: Duration) {
        if !std::mem::replace(&mut self.is_stopped, true) {
            // Nothing is left to do after the last call, whether it panicked or not.
            let _ = catch_unwind(AssertUnwindSafe(|| self.exporter.stop(within)));
        }
    }
}

/// The delivery of a batch over which the exporter panicked.
pub(super) fn panicked() -> Delivery {
    Delivery::Dropped { reason: DropReason::ExporterPanicked, pause: None }
}
