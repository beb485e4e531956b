//! The result of a wait for items.

use crate::store::Item;

/// The result of [`Portal::wait_for`](crate::Portal::wait_for) and [`Portal::wait_for_blocking`](crate::Portal::wait_for_blocking).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WaitResult {
    /// Whether enough items arrived before the timeout.
    pub complete: bool,
    /// The newest items that match the filter, newest first. At most as many as the caller waited for,
    /// and at least one if there is one.
    pub items: Vec<Item>,
}
