//! The kinds of items in words.

use crate::store::ItemKind;

pub(super) fn kind_label(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Request => "request",
        ItemKind::Dependency => "dependency",
        ItemKind::Trace => "log record",
        ItemKind::Exception => "exception",
        ItemKind::Event => "event",
        ItemKind::Metric => "metric",
        ItemKind::Availability => "availability test",
        ItemKind::PageView => "page view",
        ItemKind::PageViewPerformance => "page load times",
    }
}

/// The name of a severity, 0 to 4.
pub(super) fn severity_label(severity: i64) -> Option<&'static str> {
    const LABELS: [&str; 5] = ["Verbose", "Information", "Warning", "Error", "Critical"];
    LABELS.get(usize::try_from(severity).ok()?).copied()
}
