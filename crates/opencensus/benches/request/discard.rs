//! Where what is measured ends.

use std::sync::Arc;

use opencensus_core::Telemetry;
use opencensus_core::exporter::{Batch, Delivery, Exporter, Sending, Unencodable};

/// An exporter that forgets, or stops for good.
pub(crate) struct Discard {
    pub(crate) stops: bool,
}

impl Exporter for Discard {
    fn encode(&mut self, _: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
        if self.stops {
            loop {
                std::thread::park();
            }
        }
        // Without anything in its batch the worker would sleep, and every item wake it.
        batch.push_bytes(|bytes| bytes.push(0));
        Ok(())
    }

    fn send(&mut self, _: Arc<Batch>) -> Sending {
        Box::pin(std::future::ready(Delivery::Delivered))
    }
}
