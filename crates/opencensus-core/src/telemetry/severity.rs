//! Severity levels.

/// How severe a message or an error is: the five levels of Application Insights.
///
/// # Examples
///
/// ```
/// use opencensus_core::Severity;
///
/// assert!(Severity::Warning < Severity::Error);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Details for debugging.
    Verbose,
    /// Normal operation.
    Information,
    /// A possible problem.
    Warning,
    /// An operation failed.
    Error,
    /// The service cannot continue.
    Critical,
}
