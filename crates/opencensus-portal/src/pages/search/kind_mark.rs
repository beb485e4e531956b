//! Marks of the kinds of items: a shape and a word.

use maud::{Markup, html};

use crate::store::ItemKind;

pub(super) fn word(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::PageView => "page view",
        ItemKind::PageViewPerformance => "page load",
        kind => kind.as_str(),
    }
}

/// The mark of a kind.
pub(super) fn mark(kind: ItemKind) -> Markup {
    html! {
        span.kind {
            svg.shape viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" { path d=(shape(kind)) {} }
            (word(kind))
        }
    }
}

/// A shape of 12 by 12 units, which differs between all kinds.
fn shape(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Request => "M1 6h9M7 3l3 3-3 3",
        ItemKind::Dependency => "M2 10L10 2M5 2h5v5",
        ItemKind::Trace => "M1 3h10M1 6h10M1 9h6",
        ItemKind::Exception => "M6 1l5 10H1zM6 5v3",
        ItemKind::Event => "M6 1l5 5-5 5-5-5z",
        ItemKind::Metric => "M2 11V7M6 11V1M10 11V4",
        ItemKind::Availability => "M6 1a5 5 0 1 0 .01 0zM3.5 6l2 2 3-4",
        ItemKind::PageView => "M1 2h10v8H1zM1 4.5h10",
        ItemKind::PageViewPerformance => "M6 1a5 5 0 1 0 .01 0zM6 3v3l2 2",
    }
}
