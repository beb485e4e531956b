//! The pages of a transaction without items, and of an item that is not there.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::pages::frame::Frame;
use crate::pages::link;
use crate::pages::scope::Scope;

/// `elsewhere`: the number of its items in other runs.
pub(super) fn transaction_not_found(frame: &Frame, operation_id: &str, elsewhere: u64) -> Response {
    let all_runs = Scope { run: "all".to_owned(), ..Scope::default() };
    let content = html! {
        @if operation_id.is_empty() {
            p { "The address names no trace id." }
        } @else {
            div data-live="absent" data-absent {
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
            }
            p { a href=(frame.scope().link("/search", [("q", operation_id)])) { "Search for the id" } }
        }
        (overview(frame))
    };
    (StatusCode::NOT_FOUND, frame.page("Transaction not found", &content)).into_response()
}

pub(super) fn item_not_found(frame: &Frame, id: &str) -> Response {
    let content = html! {
        p { "There is no item " code { (id) } ". It was pruned or cleared, or belongs to another portal." }
        (overview(frame))
    };
    (StatusCode::NOT_FOUND, frame.page("Item not found", &content)).into_response()
}

fn overview(frame: &Frame) -> Markup {
    html! {
        p {
            a href=(frame.scope().link("/search", [])) { "Search" } " · "
            a href=(frame.scope().link("/", [])) { "Overview" }
        }
    }
}
