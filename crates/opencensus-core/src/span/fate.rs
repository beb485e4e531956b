//! What becomes of the items of a request.

/// What becomes of a request's items.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Fate {
    /// The request has not ended.
    #[default]
    Open,
    /// They are sent with the sampler's rate.
    Kept,
    /// They are sent, and represent themselves alone.
    Certain,
    /// They are dropped.
    Dropped,
    /// There were too many.
    Cut,
}
