//! What the store must know about an item in a batch.

/// The operation of an item, and whether it belongs to a failure.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Mark {
    /// A part of the trace id. 0: the item belongs to no operation.
    pub(crate) operation: u64,
    /// The item is a failure, or belongs to a failed operation: the store keeps it longer than successes.
    pub(crate) is_failure: bool,
}
