//! The error of a fault that is not applied.

/// Why a fault is not applied.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{Fault, Portal};
///
/// let portal = Portal::start()?;
/// let error = portal.inject(Fault::status(200)).unwrap_err();
/// assert_eq!(error.parameter(), Some("status"));
/// # Ok::<(), opencensus_portal::PortalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// A part is invalid.
    #[error("`{parameter}` {reason}")]
    Invalid {
        /// The part, as the API names it.
        parameter: String,
        /// What is required of it.
        reason: String,
    },
    /// As many faults as this are active.
    #[error("{0} faults are active: end them first")]
    TooMany(usize),
}

impl FaultError {
    pub(super) fn new(parameter: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { parameter: parameter.into(), reason: reason.into() }
    }

    /// The invalid part, as the API names it.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Invalid { parameter, .. } => Some(parameter),
            Self::TooMany(_) => None,
        }
    }
}
