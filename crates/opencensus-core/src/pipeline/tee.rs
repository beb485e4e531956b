//! Two exporters for the same items.

use std::sync::Arc;
use std::time::Duration;

use crate::exporter::{Batch, BoxError, EncodeError, Exporter, SendFuture};
use crate::pipeline::handle::Pipeline;
use crate::telemetry::TelemetryItem;

/// Gives every item to another pipeline as well, whose exporter has batches, retries and counters of its
/// own: if one of the two endpoints is away, the other misses nothing.
///
/// When its own pipeline ends, the other one is shut down.
#[derive(Debug)]
pub struct Tee<E> {
    exporter: E,
    other: Pipeline,
}

impl<E: Exporter> Tee<E> {
    /// `exporter`, and `other` beside it.
    pub fn new(exporter: E, other: Pipeline) -> Self {
        Self { exporter, other }
    }
}

impl<E: Exporter> Exporter for Tee<E> {
    fn start(&mut self) -> Result<(), BoxError> {
        self.exporter.start()
    }

    /// Every item comes here once, and whole.
    fn split(&mut self, item: &mut TelemetryItem) -> Vec<TelemetryItem> {
        self.other.submit(item.clone());
        self.exporter.split(item)
    }

    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        self.exporter.encode(item, batch)
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        self.exporter.send(batch)
    }

    fn stop(&mut self, within: Duration) {
        let other = self.other.shutdown(within);
        self.exporter.stop(within);
        other.wait();
    }
}
