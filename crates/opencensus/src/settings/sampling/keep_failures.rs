//! Selects the failed requests that are kept.

/// Which failed requests are kept, whatever the rate.
///
/// # Examples
///
/// ```
/// use opencensus::sampling::KeepFailures;
/// use opencensus::Settings;
///
/// let settings = Settings::default().with_keep_failures(KeepFailures::ServerErrors);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeepFailures {
    /// No failed requests. The default.
    #[default]
    Off,
    /// 5xx responses, requests that ended before their response did, and errors that the application reports.
    ServerErrors,
    /// These, and 4xx responses unless `client_errors_succeed` is set.
    All,
}
