//! The table of what failed.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::pages::failures::query::FailuresQuery;
use crate::pages::scope::Scope;
use crate::pages::table::Column::{Number, Text};
use crate::pages::timestamp::timestamp;
use crate::pages::{format, table};
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
    let (what, share) = match query.what() {
        FailuresOf::Operations => ("Operation", Some("Share of requests")),
        FailuresOf::Dependencies => ("Call", Some("Share of calls")),
        FailuresOf::Exceptions => ("Problem", None),
    };
    let columns = [Text(what), Number("Failures")].into_iter().chain(share.map(Number)).chain([
        Number("Users"),
        Text("Roles"),
        Text("First (UTC)"),
        Text("Last (UTC)"),
    ]);
    let rows = html! {
        @for group in groups.iter().take(MAX_ROWS) {
            @let is_new = before.is_some_and(|before| !before.contains(&group.key));
            (row(group, is_new, share.is_some(), query, scope))
        }
    };
    html! {
        @if let Some(before) = before { (news(groups, before)) }
        (table::table("Failures", columns, &rows))
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
        tr data-failed aria-selected=[selected.then_some("true")] {
            td.name {
                a href=(op.link(scope)) { (format::name(&group.key)) }
                @if is_new { " " span.new { "new" } }
            }
            td.number.failed { (format::count(group.count)) }
            @if has_share {
                td.number { @if group.of > 0.0 { (format::percent((group.count / group.of).min(1.0))) } }
            }
            td.number { (group.users) }
            td { (group.roles.join(", ")) }
            td.time { (timestamp(group.first)) }
            td.time { (timestamp(group.last)) }
        }
    }
}
