//! The banner that shows an active fault on every page.

use maud::{Markup, html};

use crate::faults::FaultReport;

/// The banner, or an empty element that the script fills when a fault begins.
pub(super) fn banner(report: &FaultReport) -> Markup {
    html! {
        div data-live="fault" {
            @if let Some(first) = report.active.first() {
                p.banner role="status" {
                    strong { "Fault active: " }
                    (sentence(&first.fault.to_string(), first.left))
                    @if report.active.len() > 1 { " " (report.active.len() - 1) " more after it." }
                    " "
                    a href="/faults" { "Change" }
                }
            }
        }
    }
}

/// As in "The next 3 posts get 503."
pub(super) fn sentence(fault: &str, left: Option<u32>) -> String {
    match left {
        None => format!("All posts of telemetry get {fault}."),
        Some(1) => format!("The next post of telemetry gets {fault}."),
        Some(left) => format!("The next {left} posts of telemetry get {fault}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_names_the_number_of_posts() {
        assert_eq!(sentence("503", Some(1)), "The next post of telemetry gets 503.");
        assert_eq!(sentence("503", Some(3)), "The next 3 posts of telemetry get 503.");
        assert_eq!(sentence("503", None), "All posts of telemetry get 503.");
    }
}
