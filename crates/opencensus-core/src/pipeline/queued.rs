//! An item in the queue.

use std::sync::Arc;

use crate::pipeline::pending::Pending;
use crate::telemetry::TelemetryItem;

/// An item and the bytes that it was accepted with. They are 32 bits wide, so that an item takes three words in the
/// queue; a larger item counts as 4 GiB.
#[derive(Debug)]
pub(super) enum Queued {
    Pending { item: Arc<dyn Pending>, size: u32 },
    Ready { item: TelemetryItem, size: u32 },
}

impl Queued {
    pub(super) fn pending(item: Arc<dyn Pending>, size: usize) -> Self {
        Self::Pending { item, size: saturate(size) }
    }

    pub(super) fn ready(item: TelemetryItem) -> Self {
        let size = saturate(item.size());
        Self::Ready { item, size }
    }

    pub(super) fn size(&self) -> usize {
        let (Self::Pending { size, .. } | Self::Ready { size, .. }) = self;
        *size as usize
    }

    /// The item. `None` if its record was taken before.
    pub(super) fn into_item(self) -> Option<TelemetryItem> {
        match self {
            Self::Pending { item, .. } => item.take(),
            Self::Ready { item, .. } => Some(item),
        }
    }
}

fn saturate(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_item_takes_three_words() {
        assert_eq!(size_of::<Queued>(), 3 * size_of::<usize>());
    }
}

/// An item that was taken from the queue.
#[derive(Debug)]
pub(crate) struct TakenItem {
    pub(crate) item: TelemetryItem,
    /// The bytes that it was accepted with.
    pub(crate) size: usize,
    /// The lane that it was in.
    pub(crate) lane: usize,
}
