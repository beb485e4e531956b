//! A request report that is made on demand.

use std::fmt;
use std::sync::LazyLock;

use crate::request_report::RequestReport;

/// A report that is made when a handler first reads it, and not while its request waits for its response.
///
/// # Examples
///
/// ```
/// use opencensus_logging::mail::{DeferredReport, RequestReport};
///
/// let report = DeferredReport::new(|| RequestReport::new("GET", "/chairs"));
/// assert_eq!(report.get(), &RequestReport::new("GET", "/chairs"));
/// ```
pub struct DeferredReport(LazyLock<RequestReport, Make>);

type Make = Box<dyn FnOnce() -> RequestReport + Send>;

impl DeferredReport {
    /// A report that this function makes; it is called at most once.
    pub fn new(make: impl FnOnce() -> RequestReport + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(make)))
    }

    /// The report.
    #[must_use]
    pub fn get(&self) -> &RequestReport {
        &self.0
    }
}

impl From<RequestReport> for DeferredReport {
    fn from(report: RequestReport) -> Self {
        Self::new(|| report)
    }
}

/// Shows nothing of the request.
impl fmt::Debug for DeferredReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeferredReport")
    }
}
