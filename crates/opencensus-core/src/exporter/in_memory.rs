//! Keeps what arrives, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use crate::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use crate::telemetry::RequestRecord;
use crate::telemetry::TelemetryItem;

/// Keeps what arrives. Clones share one memory, so that a test keeps one and gives one away.
#[derive(Clone, Debug, Default)]
pub struct InMemoryExporter {
    items: Arc<Mutex<Vec<TelemetryItem>>>,
}

impl InMemoryExporter {
    /// Everything that arrived, in its order.
    #[must_use]
    pub fn items(&self) -> Vec<TelemetryItem> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests that arrived, in the order of their ends.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        let requests = self.items().into_iter().filter_map(|item| match item {
            TelemetryItem::Request(record) => Some(*record),
            _ => None,
        });
        requests.collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Exporter for InMemoryExporter {
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        batch.push_item(item);
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(batch.items());
        Box::pin(std::future::ready(Delivery::Delivered))
    }
}
