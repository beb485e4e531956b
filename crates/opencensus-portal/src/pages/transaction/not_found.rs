//! The page of a transaction without items.

use maud::{Markup, html};

use crate::pages::frame::Frame;
use crate::pages::link;
use crate::pages::scope::Scope;

/// `elsewhere`: the number of its items in other runs.
pub(super) fn not_found(frame: &Frame, operation_id: &str, elsewhere: u64) -> Markup {
    let all_runs = Scope { run: "all".to_owned(), ..Scope::default() };
    let content = html! {
        div data-live="summary" {
            p { "No item with the trace id " code { (operation_id) } " is in this run. Possible reasons:" }
            ul {
                @if elsewhere > 0 {
                    li { a href=(all_runs.link(&link::transaction(operation_id), [])) { (elsewhere) " of its items are in other runs" } "." }
                } @else {
                    li { "It was not received yet: a span is sent when it ends. This page shows it when it arrives." }
                    li { "It was sampled out, or its service sends its telemetry elsewhere." }
                    li { "It was pruned: the oldest items are deleted beyond the limits of the portal." }
                }
            }
            p {
                a href=(frame.scope().link("/search", [("q", operation_id)])) { "Search for the id" } " · "
                a href=(frame.scope().link("/", [])) { "Overview" }
            }
        }
    };
    frame.page("Transaction not found", &content)
}
