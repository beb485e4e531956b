//! Keeps items in memory, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use crate::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use crate::telemetry::{
    AvailabilityRecord, EventRecord, ExceptionRecord, MessageRecord, MetricRecord, PageViewRecord, RequestRecord,
    SpanRecord, TelemetryItem,
};

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
/// assert_eq!((exporter.items().len(), &*exporter.messages()[0].message), (1, "hello"));
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
        self.select(|item| if let TelemetryItem::Request(record) = item { Some((**record).clone()) } else { None })
    }

    /// All exported spans: calls to other services, internal spans, and requests that are recorded by OpenTelemetry.
    #[must_use]
    pub fn spans(&self) -> Vec<SpanRecord> {
        self.select(|item| if let TelemetryItem::Span(record) = item { Some((**record).clone()) } else { None })
    }

    /// All exported exceptions.
    #[must_use]
    pub fn exceptions(&self) -> Vec<ExceptionRecord> {
        self.select(|item| if let TelemetryItem::Exception(record) = item { Some((**record).clone()) } else { None })
    }

    /// All exported messages, such as log records.
    #[must_use]
    pub fn messages(&self) -> Vec<MessageRecord> {
        self.select(|item| if let TelemetryItem::Message(record) = item { Some((**record).clone()) } else { None })
    }

    /// All exported events.
    #[must_use]
    pub fn events(&self) -> Vec<EventRecord> {
        self.select(|item| if let TelemetryItem::Event(record) = item { Some((**record).clone()) } else { None })
    }

    /// All exported metrics.
    #[must_use]
    pub fn metrics(&self) -> Vec<MetricRecord> {
        self.select(|item| if let TelemetryItem::Metric(record) = item { Some((**record).clone()) } else { None })
    }

    /// All exported page views.
    #[must_use]
    pub fn page_views(&self) -> Vec<PageViewRecord> {
        self.select(|item| if let TelemetryItem::PageView(record) = item { Some((**record).clone()) } else { None })
    }

    /// All exported results of availability tests.
    #[must_use]
    pub fn availability(&self) -> Vec<AvailabilityRecord> {
        self.select(|item| if let TelemetryItem::Availability(record) = item { Some((**record).clone()) } else { None })
    }

    fn select<T>(&self, select: impl Fn(&TelemetryItem) -> Option<T>) -> Vec<T> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(select).collect()
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
