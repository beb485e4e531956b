//! The newest failures, and the roles that report.

use maud::{Markup, html};

use crate::pages::scope::Scope;
use crate::pages::{format, link};
use crate::store::{Item, ItemKind, ItemReport, RoleReport};

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

pub(super) fn failures(scope: &Scope, items: &[Item]) -> Markup {
    html! {
        @if items.is_empty() {
            p.soft { "Nothing failed." }
        } @else {
            div.scroll {
                table {
                    thead {
                        tr {
                            th scope="col" { "Time (UTC)" }
                            th scope="col" { "Kind" }
                            th scope="col" { "What failed" }
                            th scope="col" { "Result" }
                            th scope="col" { "Role" }
                        }
                    }
                    tbody { @for item in items { (failure(scope, item)) } }
                }
            }
        }
    }
}

fn failure(scope: &Scope, item: &Item) -> Markup {
    let message = item.message.as_deref().filter(|message| *message != item.name);
    html! {
        tr {
            td.time { (format::clock(item.time)) }
            td { (kind(item.kind)) }
            td.name {
                a href=(link::item(scope, item)) { @if item.name.is_empty() { "(no name)" } @else { (item.name) } }
                @if let Some(message) = message { span.message { (shortened(message)) } }
            }
            td.failed { "✗ " (item.code.as_deref().unwrap_or("")) }
            td { (item.role.as_deref().unwrap_or("")) }
        }
    }
}

fn kind(kind: ItemKind) -> String {
    kind.as_str().replace('_', " ")
}

/// The beginning of a text that may be long.
fn shortened(text: &str) -> String {
    const MAX: usize = 200;
    let mut short: String = text.chars().take(MAX).collect();
    if text.chars().nth(MAX).is_some() {
        short.push('…');
    }
    short
}

pub(super) fn roles(scope: &Scope, report: &ItemReport, now: i64) -> Markup {
    html! {
        @if report.roles.is_empty() {
            p.soft { "No role has reported." }
        } @else {
            div.scroll {
                table {
                    thead {
                        tr {
                            th scope="col" { "Role" }
                            th.number scope="col" { "Instances" }
                            th scope="col" { "SDK" }
                            th.number scope="col" { "Items" }
                            th scope="col" { "Last received (UTC)" }
                        }
                    }
                    tbody { @for role in &report.roles { (row(scope, role, now)) } }
                }
            }
            @if report.more_roles > 0 { p.soft { "and " (report.more_roles) " more roles" } }
        }
    }
}

fn row(scope: &Scope, role: &RoleReport, now: i64) -> Markup {
    let of_role = Scope { role: role.role.clone(), ..scope.clone() };
    let is_recent = now.saturating_sub(role.last_received) < DAY;
    html! {
        tr {
            td.name {
                @if role.role.is_empty() { span.soft { "(no role)" } } @else { a href=(of_role.link("/", [])) { (role.role) } }
            }
            td.number { (role.instances) }
            td.sdk { @for (at, sdk) in role.sdks.iter().enumerate() { @if at > 0 { ", " } (sdk) } }
            td.number { (format::count(role.items)) }
            td.time { @if is_recent { (format::clock(role.last_received)) } @else { (format::date(role.last_received)) } }
        }
    }
}
