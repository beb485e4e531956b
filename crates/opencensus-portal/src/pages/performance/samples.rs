//! Samples of the selected durations: the slowest first.

use maud::{Markup, html};

use crate::pages::scope::Scope;
use crate::pages::{format, link};
use crate::store::Item;

pub(super) fn samples(items: &[Item], scope: &Scope) -> Markup {
    html! {
        @if items.is_empty() {
            p.soft { "No item of this duration is kept." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Samples" {
                table data-list {
                    thead {
                        tr {
                            th.number scope="col" { "Duration" }
                            th scope="col" { "Operation" }
                            th scope="col" { "Result" }
                            th scope="col" { "Time (UTC)" }
                            th scope="col" { "Role" }
                        }
                    }
                    tbody { @for item in items { (row(item, scope)) } }
                }
            }
        }
    }
}

fn row(item: &Item, scope: &Scope) -> Markup {
    let failed = item.success == Some(false);
    html! {
        tr data-failed[failed] {
            td.number { (item.duration.map(format::duration).unwrap_or_default()) }
            td.name { a href=(link::item(scope, item)) { @if item.name.is_empty() { "(no name)" } @else { (item.name) } } }
            td.(if failed { "failed" } else { "ok" }) {
                (if failed { "✗ " } else { "✓ " }) (item.code.as_deref().unwrap_or(""))
            }
            td.time { (format::clock(item.time)) }
            td { (item.role.as_deref().unwrap_or("")) }
        }
    }
}
