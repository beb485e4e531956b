//! The matching items as rows of a table.

use maud::{Markup, html};

use crate::pages::scope::Scope;
use crate::pages::search::kind_mark;
use crate::pages::{format, link};
use crate::store::{Item, ItemKind};

/// The width of the longest bar.
const BAR: i64 = 56;
/// The most characters of a name or a message.
const MAX_TEXT: usize = 240;

/// The titles of the columns, and their classes. On narrow screens each row is a block, so the roles are explicit.
const COLUMNS: [(&str, Option<&str>); 7] = [
    ("Time (UTC)", None),
    ("Kind", None),
    ("Name", None),
    ("Result", None),
    ("Duration", Some("number")),
    ("Count", Some("number")),
    ("Role", None),
];

pub(super) fn table(scope: &Scope, items: &[Item]) -> Markup {
    let longest = items.iter().filter_map(|item| item.duration).max().unwrap_or(0).max(1);
    html! {
        div.scroll {
            table.results role="table" data-list {
                caption.hidden-label { "Matching items, newest first" }
                thead role="rowgroup" {
                    tr role="row" {
                        @for (title, class) in COLUMNS { th role="columnheader" scope="col" class=[class] { (title) } }
                    }
                }
                tbody role="rowgroup" { @for item in items { (row(scope, item, longest)) } }
            }
        }
    }
}

fn row(scope: &Scope, item: &Item, longest: i64) -> Markup {
    let fails = item.success == Some(false) || item.kind == ItemKind::Exception;
    let message = item.message.as_deref().filter(|message| *message != item.name && !message.is_empty());
    html! {
        tr.fails[fails] role="row" data-id=(item.id) data-failed[fails] {
            td.time role="cell" { time title=(format::date(item.time)) { (format::clock(item.time)) } }
            td role="cell" { (kind_mark::mark(item.kind)) }
            td.name role="cell" {
                a href=(link::item(scope, item)) {
                    @if item.name.is_empty() { "(no name)" } @else { (beginning(&item.name)) }
                }
                @if let Some(message) = message { span.message { (beginning(message)) } }
                @if let Some(value) = item.value { span.message { (value) } }
            }
            td.result role="cell" { (result(item, fails)) }
            td.number.duration role="cell" {
                @if let Some(duration) = item.duration { (bar(duration, longest)) (format::duration(duration)) }
            }
            td.number.weight role="cell" {
                @if item.weight() > 1.0 { span title="items before sampling" { "×" (format::count(item.weight())) } }
            }
            td.role role="cell" { (item.role.as_deref().unwrap_or("")) }
        }
    }
}

/// The code, or else the severity, with a mark of failure or success.
fn result(item: &Item, fails: bool) -> Markup {
    let code = item.code.as_deref().filter(|code| !code.is_empty());
    let text = code.or(item.severity.as_deref()).unwrap_or("");
    html! {
        @if fails {
            span.failed { "✗ " @if text.is_empty() { "failed" } @else { (text) } }
        } @else if item.success == Some(true) {
            span.ok { "✓ " (text) }
        } @else {
            (text)
        }
    }
}

fn bar(duration: i64, longest: i64) -> Markup {
    let width = (duration.clamp(0, longest) as f64 / longest as f64 * BAR as f64).max(1.0);
    html! {
        svg.bar-of width=(BAR) height="8" viewBox={ "0 0 " (BAR) " 8" } aria-hidden="true" {
            rect.track width=(BAR) height="8" {}
            rect.length width=(format!("{width:.1}")) height="8" {}
        }
    }
}

/// The beginning of a text that may be long.
fn beginning(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_TEXT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
