//! The exporter of the benchmarks.

use std::sync::Arc;

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
        Box::pin(std::future::ready(Delivery::Delivered))
    }
}
