//! Counts of items.

/// The number of items that match a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Count {
    pub(crate) items: u64,
    /// The number before sampling: the sum of `100 / sample_rate`.
    pub(crate) weight: f64,
}
