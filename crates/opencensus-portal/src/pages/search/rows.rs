//! The matching items as rows of a table.

use maud::{Markup, html};

use crate::pages::outcome::{is_failed, outcome};
use crate::pages::scope::Scope;
use crate::pages::search::kind_mark;
use crate::pages::timestamp::timestamp;
use crate::pages::{format, link};
use crate::store::Item;

/// The width of the longest bar.
const BAR: i64 = 40;

/// The titles of the columns, and their classes. On narrow screens each row is a block, so the roles are explicit.
const COLUMNS: [(&str, Option<&str>); 6] = [
    ("Time (UTC)", None),
    ("Kind", None),
    ("Name", None),
    ("Result", None),
    ("Duration", Some("number")),
    ("Role", None),
];

pub(super) fn table(scope: &Scope, items: &[Item]) -> Markup {
    let longest = items.iter().filter_map(|item| item.duration).max().unwrap_or(0).max(1);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Matching items" {
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
    let fails = is_failed(item);
    let message = item.message.as_deref().filter(|message| *message != item.name && !message.is_empty());
    html! {
        tr.fails[fails] role="row" data-id=(item.id) data-failed[fails] {
            td.time role="cell" { (timestamp(item.time)) }
            td role="cell" { (kind_mark::mark(item.kind)) }
            td.name role="cell" {
                a href=(link::item(scope, item)) { (format::name(&format::beginning(&item.name))) }
                @if item.weight() > 1.0 {
                    " " span.soft title="items before sampling" { "×" (format::count(item.weight())) }
                }
                @if let Some(message) = message { span.message { (format::beginning(message)) } }
                @if let Some(value) = item.value { span.message { (format::number(value)) } }
            }
            td.result role="cell" { (outcome(item)) }
            td.number.duration role="cell" {
                @if let Some(duration) = item.duration { (bar(duration, longest)) (format::duration(duration)) }
            }
            td.role role="cell" { (item.role.as_deref().unwrap_or("")) }
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
