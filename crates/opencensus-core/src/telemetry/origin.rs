//! Where and when an item was recorded.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use crate::attribute::text_size;
use crate::propagation::TraceContext;
use crate::resource::Resource;
use crate::sampling_rate::SamplingRate;

/// Where and when an item was recorded.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Origin, current};
/// use std::time::SystemTime;
///
/// let mut origin = Origin::at(SystemTime::now());
/// origin.context = current::context();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Origin {
    /// When the item was recorded.
    pub time: SystemTime,
    /// The context of the span during which it was recorded. Default: none.
    pub context: Option<TraceContext>,
    /// The name of the operation that the span belongs to, if it is known. Default: none.
    pub operation: Option<Cow<'static, str>>,
    /// The sampling rate of the span. `None`: unknown. Default: 1.
    pub rate: Option<SamplingRate>,
    /// The process that recorded the item. `None`, the default: the exporter's own process.
    pub resource: Option<Arc<Resource>>,
}

impl Origin {
    /// Creates an origin outside any span, with rate 1.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self { time, context: None, operation: None, rate: Some(SamplingRate::ALL), resource: None }
    }

    /// Bytes on the heap.
    pub(super) fn heap_size(&self) -> usize {
        self.operation.as_ref().map_or(0, text_size)
    }
}
