//! `/`: the list of requests, newest first.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app_state::AppState;
use crate::pages::layout::{self, clock, millis};
use crate::store::{Filter, Item, StoreError};

/// The most rows of the list.
const MAX_ROWS: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    q: String,
}

pub(super) async fn page(
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
) -> Result<Markup, (StatusCode, String)> {
    let filter = Filter::requests().with_text(query.q.trim());
    let failed = |error: StoreError| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let items = state.store.items(filter.clone(), MAX_ROWS).await.map_err(failed)?;
    let count = state.store.count(filter).await.map_err(failed)?;
    let content = html! {
        header {
            h1 { "Requests" }
            p data-total { (count.items) " received, " (format!("{:.0}", count.weight)) " before sampling" }
        }
        main {
            form action="/" method="get" role="search" {
                input type="search" name="q" value=(query.q) placeholder="text in the name, URL, trace id or properties"
                    aria-label="Filter requests by text";
                button { "Filter" }
            }
            div.scroll { (table(&items)) }
            div data-hint {
                @if items.is_empty() && query.q.is_empty() { (connection_hint(&state)) }
            }
        }
    };
    Ok(layout::page("Requests", true, &content))
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
            tbody data-live {
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
            td.time { (clock(item.time)) }
            td { a href={ "/items/" (item.id) } { (item.name) } }
            td class=(class) { (mark) " " (item.code.as_deref().unwrap_or("")) }
            td.number { (item.duration.map(millis).unwrap_or_default()) }
            td.number { (format!("{:.0}", item.weight())) }
            td { (item.role.as_deref().unwrap_or("")) }
            td.url { (item.url.as_deref().unwrap_or("")) }
        }
    }
}

fn connection_hint(state: &AppState) -> Markup {
    html! {
        p { "There are no requests yet. Start a program with this environment variable:" }
        pre { "export APPLICATIONINSIGHTS_CONNECTION_STRING='" (state.connection_string) "'" }
    }
}
