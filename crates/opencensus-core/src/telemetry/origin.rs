//! Where and when an item was recorded.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use crate::attribute::text_size;
use crate::propagation::TraceContext;
use crate::resource::Resource;
use crate::sampling_rate::SamplingRate;

/// Where and when something happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Origin {
    /// When.
    pub time: SystemTime,
    /// The span that it happened under.
    pub context: Option<TraceContext>,
    /// The name of the operation that the span belongs to, if it is known.
    pub operation: Option<Cow<'static, str>>,
    /// The share of such items that it stands for: its span's. `None`: unknown.
    pub rate: Option<SamplingRate>,
    /// In whose process. `None`: the exporter's own.
    pub resource: Option<Arc<Resource>>,
}

impl Origin {
    /// At this time, under no span, standing for itself.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self { time, context: None, operation: None, rate: Some(SamplingRate::ALL), resource: None }
    }

    /// Bytes on the heap.
    pub(super) fn heap_size(&self) -> usize {
        self.operation.as_ref().map_or(0, text_size)
    }
}
