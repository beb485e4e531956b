//! The list of requests, newest first.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use crate::pages::layout::{self, clock, millis};
use crate::server::App;
use crate::store::{Filter, Item, StoreError};

/// Most rows of the page.
const ROWS: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

pub(super) async fn page(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Markup, (StatusCode, String)> {
    let filter = Filter::requests().with_text(asked.q.trim());
    let failed = |error: StoreError| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let items = app.store.items(filter.clone(), ROWS).await.map_err(failed)?;
    let count = app.store.count(filter).await.map_err(failed)?;
    let content = html! {
        header {
            h1 { "Requests" }
            p data-total { (count.items) " received, standing for " (format!("{:.0}", count.weight)) }
        }
        main {
            form action="/" method="get" role="search" {
                input type="search" name="q" value=(asked.q) placeholder="text in name, URL, trace id, properties …"
                    aria-label="Filter requests by text";
                button { "Filter" }
            }
            div.scroll { (table(&items)) }
            div data-hint {
                @if items.is_empty() && asked.q.is_empty() { (how_to_begin(&app)) }
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
                    th.number scope="col" { "Stands for" }
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
            td.number { (format!("{:.0}", 100.0 / item.sample_rate)) }
            td { (item.role.as_deref().unwrap_or("")) }
            td.url { (item.url.as_deref().unwrap_or("")) }
        }
    }
}

fn how_to_begin(app: &App) -> Markup {
    html! {
        p { "Nothing has arrived yet. Start a program with this variable:" }
        pre { "export APPLICATIONINSIGHTS_CONNECTION_STRING='" (app.connection_string) "'" }
    }
}
