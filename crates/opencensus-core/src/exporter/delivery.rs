//! What became of a batch.

use std::time::Duration;

use crate::exporter::DropReason;

/// What became of a batch.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// Every item arrived.
    Delivered,
    /// Nothing arrived, or nobody knows: send all of it again, not before `after` if that is given.
    Retry {
        /// The shortest wait that the endpoint asked for.
        after: Option<Duration>,
    },
    /// The endpoint refused the batch as a whole because of an item in it, or because of its size.
    /// The pipeline sends halves, until the culprit is alone.
    Refused,
    /// No item of it will ever arrive.
    Dropped {
        /// Why.
        reason: DropReason,
        /// How long nothing is to be sent.
        pause: Option<Duration>,
    },
    /// Some items did not arrive; all others did. Indexes outside the batch are ignored; of two
    /// outcomes for one item the first counts.
    Partial {
        /// Index in the batch and outcome of each item that did not arrive.
        items: Vec<(usize, ItemOutcome)>,
        /// The shortest wait before the items to be retried are sent again.
        after: Option<Duration>,
    },
}

/// What became of an item that did not arrive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ItemOutcome {
    /// Send it again.
    Retry,
    /// It is lost.
    Dropped(DropReason),
}
