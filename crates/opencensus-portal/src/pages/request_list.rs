//! `/search`: the list of requests, newest first.

use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;

use crate::app_state::AppState;
use crate::pages::error::PageError;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::section::SEARCH;
use crate::pages::{first_item, format};
use crate::store::{Item, ItemKind};

/// The most rows of the list.
const MAX_ROWS: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    q: String,
}

pub(super) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Query(query): Query<ListQuery>,
) -> Result<Markup, PageError> {
    let frame = Frame::load(&state, scope, Some(SEARCH)).await?;
    let filter = frame.filter.clone().of_kind(ItemKind::Request).with_text(query.q.trim());
    let items = state.store.items(filter.clone(), MAX_ROWS).await?;
    let count = state.store.count(filter).await?;
    let content = html! {
        p data-live="total" { (count.items) " received, " (format::count(count.weight)) " before sampling" }
        form.search action="/search" method="get" role="search" {
            @for (name, value) in frame.scope().pairs() {
                input type="hidden" name=(name) value=(value);
            }
            input type="search" name="q" value=(query.q) placeholder="text in the name, URL, trace id or properties"
                aria-label="Filter requests by text";
            button { "Filter" }
        }
        div.scroll { (table(&items)) }
        div data-live="hint" {
            @if items.is_empty() && query.q.is_empty() { (first_item::hint("requests", &frame.connection_string)) }
        }
    };
    Ok(frame.page("Search", &content))
}

fn table(items: &[Item]) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Time (UTC)" }
                    th scope="col" { "Name" }
                    th scope="col" { "Result" }
                    th.number scope="col" { "Duration" }
                    th.number scope="col" { "Item count" }
                    th scope="col" { "Role" }
                    th scope="col" { "URL" }
                }
            }
            tbody data-live="rows" {
                @for item in items { (row(item)) }
            }
        }
    }
}

fn row(item: &Item) -> Markup {
    let (class, mark) = match item.success {
        Some(false) => ("failed", "✗"),
        _ => ("ok", "✓"),
    };
    html! {
        tr {
            td.time { (format::clock(item.time)) }
            td { a href={ "/items/" (item.id) } { (item.name) } }
            td class=(class) { (mark) " " (item.code.as_deref().unwrap_or("")) }
            td.number { (item.duration.map(format::duration).unwrap_or_default()) }
            td.number { (format::count(item.weight())) }
            td { (item.role.as_deref().unwrap_or("")) }
            td.url { (item.url.as_deref().unwrap_or("")) }
        }
    }
}
