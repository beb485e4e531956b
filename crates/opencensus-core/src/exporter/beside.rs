//! Two exporters for the same items.

use std::sync::Arc;
use std::time::Duration;

use crate::exporter::{Batch, BoxError, Exporter, Sending, Unencodable};
use crate::pipeline::Pipeline;
use crate::telemetry::Telemetry;

/// Gives every item to another pipeline as well, whose exporter has batches, retries and counters of its
/// own: if one of the two endpoints is away, the other misses nothing.
///
/// When its own pipeline ends, the other one is shut down.
#[derive(Debug)]
pub struct Beside<E> {
    exporter: E,
    other: Pipeline,
}

impl<E: Exporter> Beside<E> {
    /// `exporter`, and `other` beside it.
    pub fn new(exporter: E, other: Pipeline) -> Self {
        Self { exporter, other }
    }
}

impl<E: Exporter> Exporter for Beside<E> {
    fn start(&mut self) -> Result<(), BoxError> {
        self.exporter.start()
    }

    /// Every item comes here once, and whole.
    fn split(&mut self, item: &mut Telemetry) -> Vec<Telemetry> {
        self.other.submit(item.clone());
        self.exporter.split(item)
    }

    fn encode(&mut self, item: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
        self.exporter.encode(item, batch)
    }

    fn send(&mut self, batch: Arc<Batch>) -> Sending {
        self.exporter.send(batch)
    }

    fn stop(&mut self, within: Duration) {
        let other = self.other.shutdown(within);
        self.exporter.stop(within);
        other.wait();
    }
}

impl Exporter for Box<dyn Exporter> {
    fn start(&mut self) -> Result<(), BoxError> {
        (**self).start()
    }

    fn split(&mut self, item: &mut Telemetry) -> Vec<Telemetry> {
        (**self).split(item)
    }

    fn encode(&mut self, item: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
        (**self).encode(item, batch)
    }

    fn send(&mut self, batch: Arc<Batch>) -> Sending {
        (**self).send(batch)
    }

    fn stop(&mut self, within: Duration) {
        (**self).stop(within);
    }
}
