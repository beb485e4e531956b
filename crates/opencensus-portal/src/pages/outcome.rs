//! The outcome of an item: its code or severity, with a mark of success or failure.

use maud::{Markup, html};

use crate::store::{Item, ItemKind};

/// Whether the item counts as a failure: exceptions always do.
pub(super) fn is_failed(item: &Item) -> bool {
    item.success == Some(false) || item.kind == ItemKind::Exception
}

pub(super) fn outcome(item: &Item) -> Markup {
    let code = item.code.as_deref().filter(|code| !code.is_empty());
    let text = code.or(item.severity.as_deref()).unwrap_or("");
    html! {
        @if is_failed(item) {
            span.failed { "✗ " @if text.is_empty() { "failed" } @else { (text) } }
        } @else if item.success == Some(true) {
            span.ok { "✓ " (text) }
        } @else {
            (text)
        }
    }
}
