//! Severity levels.

/// How grave something is; OpenTelemetry's severities without their nuances.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Details for whoever looks for a fault.
    Verbose,
    /// As it should be.
    Information,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
    /// Nothing goes on.
    Critical,
}
