//! Errors of the store.

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct StoreError(pub(crate) String);

/// Why a batch was not stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PutError {
    /// There is no room, and no success to evict.
    Full,
    /// The disk fails.
    Unavailable,
}
