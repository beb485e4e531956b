//! The outcome of sending a batch.

use std::time::Duration;

use crate::exporter::{DropReason, FailureCause};

/// The outcome of sending a batch.
///
/// # Examples
///
/// The endpoint accepted every item but the first, and is busy:
///
/// ```
/// use opencensus_core::{Delivery, ItemOutcome};
/// use std::time::Duration;
///
/// let items = vec![(0, ItemOutcome::Retry)];
/// let delivery = Delivery::Partial { items, after: Some(Duration::from_secs(30)) };
/// assert_ne!(delivery, Delivery::Delivered);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// The endpoint accepted every item.
    Delivered,
    /// No item was accepted, or the outcome is unknown: the pipeline sends all items again.
    Retry {
        /// The shortest wait before that, if the endpoint asks for one.
        after: Option<Duration>,
    },
    /// The endpoint refused the whole batch because of one item. The pipeline sends it in halves until the bad item is
    /// isolated.
    Bisect,
    /// The endpoint refused the whole batch because of its size. The pipeline sends it in halves until they fit, and
    /// sends smaller batches for a while. An item that is too large alone is dropped.
    TooLarge,
    /// No item can be delivered.
    Dropped {
        /// The reason, which is counted.
        reason: DropReason,
        /// How long the pipeline must send nothing.
        pause: Option<Duration>,
    },
    /// The endpoint accepted every item except these. Indexes outside the batch are ignored; of two outcomes for
    /// one item the first counts.
    Partial {
        /// Index and outcome of each item that was not accepted.
        items: Vec<(usize, ItemOutcome)>,
        /// The shortest wait before items are sent again.
        after: Option<Duration>,
    },
}

impl Delivery {
    /// Adds the cause of the failure, which the pipeline logs.
    #[must_use]
    pub fn because(self, cause: FailureCause) -> SendOutcome {
        SendOutcome { delivery: self, cause: Some(cause) }
    }
}

/// What an [`Exporter`](crate::Exporter) returns for a batch: its delivery and, if it failed, the cause.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Delivery, FailureCause, SendOutcome};
///
/// let delivered: SendOutcome = Delivery::Delivered.into();
/// let failed = Delivery::Retry { after: None }.because(FailureCause::new("503 Service Unavailable"));
/// assert!(delivered.cause.is_none() && failed.cause.is_some());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SendOutcome {
    /// What follows for the items.
    pub delivery: Delivery,
    /// Why items were not delivered. `None`: all were, or the exporter does not know.
    pub cause: Option<FailureCause>,
}

impl From<Delivery> for SendOutcome {
    fn from(delivery: Delivery) -> Self {
        Self { delivery, cause: None }
    }
}

/// The outcome of an item that was not accepted. [`Delivery`] has an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ItemOutcome {
    /// The pipeline sends it again.
    Retry,
    /// It is lost.
    Dropped(DropReason),
}
