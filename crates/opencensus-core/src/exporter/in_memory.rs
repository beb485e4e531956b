//! Keeps items in memory, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use crate::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use crate::telemetry::{RequestRecord, TelemetryItem};

/// Keeps exported items in memory. Clones share the items: a test keeps one and gives one to the pipeline.
///
/// # Examples
///
/// ```
/// use opencensus_core::{InMemoryExporter, MessageRecord, Origin, Pipeline, PipelineLimits};
/// use std::time::{Duration, SystemTime};
///
/// let exporter = InMemoryExporter::default();
/// let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None)?;
/// pipeline.submit(MessageRecord::new(Origin::at(SystemTime::now()), "hello").into());
/// assert!(pipeline.flush(Duration::from_secs(5)).wait().complete);
/// assert_eq!(exporter.items().len(), 1);
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct InMemoryExporter {
    items: Arc<Mutex<Vec<TelemetryItem>>>,
}

impl InMemoryExporter {
    /// All exported items in their order.
    #[must_use]
    pub fn items(&self) -> Vec<TelemetryItem> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All exported requests in the order of their ends.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        let requests = self.items().into_iter().filter_map(|item| match item {
            TelemetryItem::Request(record) => Some(*record),
            _ => None,
        });
        requests.collect()
    }

    /// Removes all items.
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
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}
