//! The error of an invalid fault.

/// Why a fault is invalid. It names the part.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{Fault, Portal};
///
/// let portal = Portal::start()?;
/// let error = portal.inject(Fault::status(200)).unwrap_err();
/// assert_eq!(error.parameter, "status");
/// # Ok::<(), opencensus_portal::PortalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`{parameter}` {reason}")]
#[non_exhaustive]
pub struct FaultError {
    /// The invalid part, as the API names it.
    pub parameter: String,
    /// What is required of it.
    pub reason: String,
}

impl FaultError {
    pub(super) fn new(parameter: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { parameter: parameter.into(), reason: reason.into() }
    }
}
