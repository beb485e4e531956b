//! Ownership of the queue by requests.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::pipeline::queue::Queue;
use crate::pipeline::stripe::{Padded, Striped};

/// An `Arc` of the queue whose count few threads share: every request takes part in the ownership, and the count of a
/// plain `Arc` would be a line on which all threads meet twice a request.
#[derive(Clone)]
pub(crate) struct QueueRef(Arc<Padded<Arc<Queue>>>);

impl QueueRef {
    pub(crate) fn new(queue: &Arc<Queue>) -> Self {
        Self(Arc::new(Padded(Arc::clone(queue))))
    }

    /// One for each stripe.
    pub(crate) fn striped(queue: &Arc<Queue>) -> Striped<Self> {
        Striped::new(|| Self::new(queue))
    }

    /// Whether both refer to the same queue.
    #[inline]
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::eq::<Queue>(&**self, &**other)
    }
}

impl Deref for QueueRef {
    type Target = Queue;

    #[inline]
    fn deref(&self) -> &Queue {
        &self.0.0
    }
}

impl fmt::Debug for QueueRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueRef").finish_non_exhaustive()
    }
}
