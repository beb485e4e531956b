//! `/refused`: the items that the service would refuse or cut.

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::frame::Frame;
use crate::pages::parameters::Parameters;
use crate::pages::scope::Scope;
use crate::pages::section::REFUSED;
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::timestamp::timestamp;
use crate::pages::{first_item, json};
use crate::store::{Filter, Refusal, RefusalGroup};

/// The most refusals of the page.
const MAX_ROWS: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RefusedQuery {
    /// Only refusals by this rule.
    rule: String,
}

pub(super) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Parameters(query): Parameters<RefusedQuery>,
) -> Result<Markup, PageError> {
    let frame = Frame::load(&state, scope, Some(REFUSED)).await?;
    let groups = state.store.refusal_groups(frame.filter.clone()).await?;
    let refusals = state.store.refusals(frame.filter.clone(), query.rule.clone(), MAX_ROWS).await?;
    let nothing_arrived = groups.is_empty() && state.store.count(Filter::default()).await?.items == 0;
    let content = html! {
        p.soft {
            "Application Insights refuses these items, or cuts these texts, and most SDKs do not report it. The reasons are \
             worded as by the service. The newest 2000 are kept."
        }
        div data-live="refused" {
            @if groups.is_empty() {
                p.card { "Nothing was refused or cut: all that arrived keeps the rules." }
                @if nothing_arrived { (first_item::hint("items", &frame.connection_string)) }
            } @else {
                (group_table(&groups, &frame))
                @if !query.rule.is_empty() {
                    p { "Only rule " (query.rule) ". " a href=(frame.scope().link(REFUSED.path, [])) { "All rules" } }
                }
                h2 { "Newest" }
                @for refusal in &refusals { (details(refusal)) }
            }
        }
    };
    Ok(frame.page("Refused", &content))
}

fn group_table(groups: &[RefusalGroup], frame: &Frame) -> Markup {
    let rows = html! {
        @for group in groups {
            tr {
                td { (group.client.as_deref().unwrap_or("unknown")) }
                td { a href=(frame.scope().link(REFUSED.path, [("rule", &*group.rule)])) { (group.rule) } }
                td { (group.field.as_deref().unwrap_or("")) }
                td.number { (group.count) }
                td.time { (timestamp(group.last)) }
            }
        }
    };
    let columns = [Text("Client"), Text("Rule"), Text("Field"), Number("Count"), Text("Last (UTC)")];
    table("Refusals by client and rule", columns, &rows)
}

fn details(refusal: &Refusal) -> Markup {
    let kind = refusal.kind.as_deref().unwrap_or("item");
    let verb = if refusal.rule == "cut" { "cut" } else { "refused" };
    html! {
        details.refusal {
            summary {
                span.time { (timestamp(refusal.received)) } " "
                span.failed { (kind) " " (verb) } " "
                (refusal.reason)
            }
            dl {
                @if let Some(field) = &refusal.field { dt { "Field" } dd { (field) } }
                dt { "Client" } dd { (refusal.client.as_deref().unwrap_or("unknown")) }
                @if let Some(role) = &refusal.role { dt { "Role" } dd { (role) } }
                @if let Some(item) = refusal.item {
                    dt { "Accepted as" } dd { a href={ "/items/" (item) } { "item " (item) } }
                }
            }
            @if refusal.raw.is_empty() {
                p.soft { "The body could not be read." }
            } @else {
                pre tabindex="0" { (json::indent(&refusal.raw)) }
            }
        }
    }
}
