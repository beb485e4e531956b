//! An exporter that discards items, and limits with which the worker sleeps during a run.

use std::sync::Arc;
use std::time::Duration;

use opencensus::settings::PipelineLimits;
use opencensus_core::TelemetryItem;
use opencensus_core::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};

/// An exporter that discards every item, or stops the worker at its first item.
pub(crate) struct Discard {
    pub(crate) stops: bool,
}

impl Exporter for Discard {
    fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        if self.stops {
            loop {
                std::thread::park();
            }
        }
        // With an empty batch the worker would sleep, and every item would wake it.
        batch.push_bytes(|bytes| bytes.push(0));
        Ok(())
    }

    fn send(&mut self, _: Arc<Batch>) -> SendFuture {
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}

/// Limits with which the worker sleeps during a run.
pub(crate) fn limits() -> PipelineLimits {
    let mut limits = PipelineLimits::default();
    limits.batch_items = limits.max_items / 2;
    limits.batch_age = Duration::from_secs(3600);
    limits.first_delay = Duration::from_secs(3600);
    limits.max_bytes = usize::MAX / 2;
    limits.batch_bytes = usize::MAX / 8;
    limits
}
