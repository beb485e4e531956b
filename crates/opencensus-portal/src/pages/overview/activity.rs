//! The newest failures, and the roles that report.

use maud::{Markup, html};

use crate::pages::outcome::outcome;
use crate::pages::scope::Scope;
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::timestamp::timestamp;
use crate::pages::{format, link};
use crate::store::{Item, ItemKind, ItemReport, RoleReport};

pub(super) fn failures(scope: &Scope, items: &[Item]) -> Markup {
    let columns = ["Time (UTC)", "Kind", "What failed", "Result", "Role"].map(Text);
    html! {
        @if items.is_empty() {
            p.soft { "Nothing failed." }
        } @else {
            (table("Newest failures", columns, &html! { @for item in items { (failure(scope, item)) } }))
        }
    }
}

fn failure(scope: &Scope, item: &Item) -> Markup {
    let message = item.message.as_deref().filter(|message| *message != item.name);
    html! {
        tr data-failed {
            td.time { (timestamp(item.time)) }
            td { (kind(item.kind)) }
            td.name {
                a href=(link::item(scope, item)) { (format::name(&item.name)) }
                @if let Some(message) = message { span.message { (format::beginning(message)) } }
            }
            td { (outcome(item)) }
            td { (item.role.as_deref().unwrap_or("")) }
        }
    }
}

fn kind(kind: ItemKind) -> String {
    kind.as_str().replace('_', " ")
}

pub(super) fn roles(scope: &Scope, report: &ItemReport) -> Markup {
    let columns = [Text("Role"), Number("Instances"), Text("SDK"), Number("Items"), Text("Last received (UTC)")];
    html! {
        @if report.roles.is_empty() {
            p.soft { "No role has reported." }
        } @else {
            (table("Roles", columns, &html! { @for role in &report.roles { (row(scope, role)) } }))
            @if report.more_roles > 0 { p.soft { "and " (report.more_roles) " more roles" } }
        }
    }
}

fn row(scope: &Scope, role: &RoleReport) -> Markup {
    let of_role = Scope { role: role.role.clone(), ..scope.clone() };
    html! {
        tr {
            td.name {
                @if role.role.is_empty() { span.soft { "(no role)" } } @else { a href=(of_role.link("/", [])) { (role.role) } }
            }
            td.number { (role.instances) }
            td.sdk { @for (at, sdk) in role.sdks.iter().enumerate() { @if at > 0 { ", " } (sdk) } }
            td.number { (format::count(role.items)) }
            td.time { (timestamp(role.last_received)) }
        }
    }
}
