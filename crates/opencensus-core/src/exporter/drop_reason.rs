//! Why an item was lost.

/// Why an accepted item was not delivered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DropReason {
    /// The endpoint refused it for good.
    Rejected,
    /// The endpoint's quota is used up.
    Quota,
    /// It was too large for the protocol.
    TooLarge,
    /// The exporter has no form for it.
    Unsupported,
    /// It could not be delivered for too long.
    Expired,
    /// It could not be delivered before the shutdown's deadline.
    Shutdown,
    /// The exporter panicked over it.
    ExporterPanicked,
    /// A processor did not want it.
    Processor,
}

impl DropReason {
    pub(crate) const COUNT: usize = 8;
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Rejected,
        Self::Quota,
        Self::TooLarge,
        Self::Unsupported,
        Self::Expired,
        Self::Shutdown,
        Self::ExporterPanicked,
        Self::Processor,
    ];

    /// The reason in snake case, as reports write it.
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
        }
    }
}
