//! The table of what failed.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::pages::failures::query::FailuresQuery;
use crate::pages::format;
use crate::pages::scope::Scope;
use crate::store::{FailureGroup, FailuresOf};

/// The most rows of the table.
const MAX_ROWS: usize = 100;

/// `before`: what failed in the run before, if there is one.
pub(super) fn table(
    groups: &[FailureGroup],
    before: Option<&HashSet<String>>,
    query: &FailuresQuery,
    scope: &Scope,
) -> Markup {
    let (what, of) = match query.what() {
        FailuresOf::Operations => ("Operation", Some("of requests")),
        FailuresOf::Dependencies => ("Call", Some("of calls")),
        FailuresOf::Exceptions => ("Problem", None),
    };
    html! {
        @if let Some(before) = before { (news(groups, before)) }
        div.scroll tabindex="0" role="region" aria-label="Failures" {
            table {
                thead {
                    tr {
                        th scope="col" { (what) }
                        th.number scope="col" { "Failures" }
                        @if let Some(of) = of { th.number scope="col" { (of) } }
                        th.number scope="col" { "Users" }
                        th scope="col" { "Roles" }
                        th scope="col" { "First (UTC)" }
                        th scope="col" { "Last (UTC)" }
                    }
                }
                tbody {
                    @for group in groups.iter().take(MAX_ROWS) {
                        @let is_new = before.is_some_and(|before| !before.contains(&group.key));
                        (row(group, is_new, of.is_some(), query, scope))
                    }
                }
            }
        }
        @if groups.len() > MAX_ROWS { p.soft { "and " (groups.len() - MAX_ROWS) " more" } }
    }
}

/// What changed since the run before.
fn news(groups: &[FailureGroup], before: &HashSet<String>) -> Markup {
    let new = groups.iter().filter(|group| !before.contains(&group.key)).count();
    let now: HashSet<_> = groups.iter().map(|group| &group.key).collect();
    let gone = before.iter().filter(|key| !now.contains(key)).count();
    html! {
        p { "Since the run before: " strong { (new) " new" } ", " (gone) " gone, " (groups.len() - new) " as before." }
    }
}

fn row(group: &FailureGroup, is_new: bool, has_share: bool, query: &FailuresQuery, scope: &Scope) -> Markup {
    let selected = query.op.as_deref() == Some(group.key.as_str());
    let op = FailuresQuery { op: Some(group.key.clone()), ..query.clone() };
    html! {
        tr aria-selected=[selected.then_some("true")] {
            td.name {
                a href=(op.link(scope)) { @if group.key.is_empty() { "(no name)" } @else { (group.key) } }
                @if is_new { " " span.new { "new" } }
            }
            td.number.failed { (format::count(group.count)) }
            @if has_share {
                td.number { @if group.of > 0.0 { (format::percent((group.count / group.of).min(1.0))) } }
            }
            td.number { (group.users) }
            td { (group.roles.join(", ")) }
            td.time { (format::clock(group.first)) }
            td.time { (format::clock(group.last)) }
        }
    }
}
