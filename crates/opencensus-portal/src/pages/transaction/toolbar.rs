//! Links that filter the rows and move between failures, and the form that searches them.

use maud::{Markup, html};

use crate::pages::link;
use crate::pages::transaction::rows::failures;
use crate::pages::transaction::view::View;

pub(super) fn toolbar(view: &View<'_>) -> Markup {
    let (address, links) = (view.links.address, view.links);
    let (before, after) = failures(view.trace, view.rows, view.selected);
    html! {
        div.moves data-live="moves" {
            @if address.failed_only {
                a href=(links.with(|address| address.failed_only = false)) { "Show all rows" }
            } @else {
                a href=(links.with(|address| (address.failed_only, address.at) = (true, None))) { "Only failures" }
            }
            @if address.spans_only {
                a href=(links.with(|address| (address.spans_only, address.at) = (false, None))) { "Show log records and exceptions" }
            } @else {
                a href=(links.with(|address| (address.spans_only, address.at) = (true, None))) { "Only spans" }
            }
            @if let Some(key) = before {
                a data-move="previous-failure" href=(links.select(key)) { "↑ Previous failure" }
            } @else { span.soft { "↑ Previous failure" } }
            @if let Some(key) = after {
                a data-move="next-failure" href=(links.select(key)) { "↓ Next failure" }
            } @else { span.soft { "↓ Next failure" } }
            @if !address.collapsed.is_empty() {
                a href=(links.with(|address| address.collapsed.clear())) { "Open all rows" }
            }
            @if address.root.is_some() {
                a href=(links.with(|address| (address.root, address.at) = (None, None))) { "Show the whole transaction" }
            }
        }
        (search(view))
    }
}

fn search(view: &View<'_>) -> Markup {
    let mut address = view.links.address.clone();
    let find = std::mem::take(&mut address.find);
    address.at = None;
    html! {
        form.search action=(link::transaction(view.links.operation_id)) method="get" role="search" {
            @for (name, value) in view.links.scope.pairs() { input type="hidden" name=(name) value=(value); }
            @for (name, value) in address.pairs() { input type="hidden" name=(name) value=(value); }
            input type="search" name="find" value=(find) placeholder="text in any item of this transaction"
                aria-label="Search in this transaction";
            button { "Find" }
            @if !find.is_empty() {
                a href=(view.links.with(|address| address.find.clear())) { "Clear" }
            }
        }
    }
}
