//! Reasons why items are dropped.

/// Why an accepted item was not delivered.
///
/// # Examples
///
/// ```
/// use opencensus_core::DropReason;
///
/// assert_eq!(DropReason::TooLarge.as_str(), "too_large");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DropReason {
    /// The endpoint rejected it.
    Rejected,
    /// The endpoint's quota is used up.
    Quota,
    /// It is too large for the protocol.
    TooLarge,
    /// The exporter does not support it.
    Unsupported,
    /// It could not be delivered within [`PipelineLimits::max_age`](crate::PipelineLimits::max_age).
    Expired,
    /// It could not be delivered before the shutdown's deadline.
    Shutdown,
    /// The exporter panicked while it encoded or sent it.
    ExporterPanicked,
    /// A processor dropped it.
    Processor,
    /// The [store](crate::store) on disk was full, and it was the oldest success there.
    StoreFull,
    /// Its file in the [store](crate::store) was damaged.
    Corrupt,
}

impl DropReason {
    pub(crate) const COUNT: usize = 10;
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Rejected,
        Self::Quota,
        Self::TooLarge,
        Self::Unsupported,
        Self::Expired,
        Self::Shutdown,
        Self::ExporterPanicked,
        Self::Processor,
        Self::StoreFull,
        Self::Corrupt,
    ];

    /// The reason in snake case, as it is reported.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Quota => "quota",
            Self::TooLarge => "too_large",
            Self::Unsupported => "unsupported",
            Self::Expired => "expired",
            Self::Shutdown => "shutdown",
            Self::ExporterPanicked => "exporter_panicked",
            Self::Processor => "processor",
            Self::StoreFull => "store_full",
            Self::Corrupt => "corrupt",
        }
    }
}
