//! Exports items to two endpoints.

use std::sync::Arc;
use std::time::Duration;

use crate::exporter::{Batch, BoxError, Destination, EncodeError, Exporter, SendFuture};
use crate::pipeline::handle::Pipeline;
use crate::telemetry::TelemetryItem;

/// Exporter that also submits every item to another pipeline. That one has its own batches, retries and
/// counters, so that a failing endpoint does not affect the other.
///
/// When its own pipeline ends, it shuts down the other one.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ConsoleExporter, InMemoryExporter, Pipeline, PipelineLimits, Tee};
///
/// let other = Pipeline::start(Box::new(ConsoleExporter), PipelineLimits::default(), None)?;
/// let exporter = Tee::new(InMemoryExporter::default(), other);
/// let pipeline = Pipeline::start(Box::new(exporter), PipelineLimits::default(), None)?;
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Debug)]
pub struct Tee<E> {
    exporter: E,
    other: Pipeline,
}

impl<E: Exporter> Tee<E> {
    /// Creates an exporter that exports with `exporter` and submits to `other`.
    pub fn new(exporter: E, other: Pipeline) -> Self {
        Self { exporter, other }
    }
}

impl<E: Exporter> Exporter for Tee<E> {
    fn start(&mut self) -> Result<(), BoxError> {
        self.exporter.start()
    }

    fn destination(&self) -> Option<Destination> {
        self.exporter.destination()
    }

    /// Submits the item to the other pipeline: this method gets every item once, before parts are taken out.
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
