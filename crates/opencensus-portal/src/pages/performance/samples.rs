//! Samples of the selected durations: the slowest first.

use maud::{Markup, html};

use crate::pages::outcome::{is_failed, outcome};
use crate::pages::scope::Scope;
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::timestamp::timestamp;
use crate::pages::{format, link};
use crate::store::Item;

pub(super) fn samples(items: &[Item], scope: &Scope) -> Markup {
    let columns = [Number("Duration"), Text("Operation"), Text("Result"), Text("Time (UTC)"), Text("Role")];
    html! {
        @if items.is_empty() {
            p.soft { "No item of this duration is kept." }
        } @else {
            (table("Samples", columns, &html! { @for item in items { (row(item, scope)) } }))
        }
    }
}

fn row(item: &Item, scope: &Scope) -> Markup {
    html! {
        tr data-failed[is_failed(item)] {
            td.number { (item.duration.map(format::duration).unwrap_or_default()) }
            td.name { a href=(link::item(scope, item)) { (format::name(&item.name)) } }
            td { (outcome(item)) }
            td.time { (timestamp(item.time)) }
            td { (item.role.as_deref().unwrap_or("")) }
        }
    }
}
