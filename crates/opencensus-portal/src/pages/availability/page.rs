//! The handler of the availability page, and the order of its parts.

use std::collections::HashMap;

use axum::extract::State;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::clock;
use crate::pages::availability::groups::{Test, tests};
use crate::pages::availability::table::Tables;
use crate::pages::availability::{empty, timeline};
use crate::pages::chart::Buckets;
use crate::pages::error::PageError;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::section::AVAILABILITY;
use crate::store::{Filter, Item};

pub(in crate::pages) async fn page(State(state): State<AppState>, scope: Scope) -> Result<Markup, PageError> {
    let now = clock::now();
    let window = scope.window(now);
    let frame = Frame::load(&state, scope, Some(AVAILABILITY)).await?;
    let results = state.store.test_results(frame.filter.clone()).await?;
    let (oldest, newest) = (results.list.first(), results.list.last());
    let first = window.0.or(oldest.map(|result| result.time)).unwrap_or(0);
    let last = window.1.or(window.0.map(|_| now)).or(newest.map(|result| result.time)).unwrap_or(first);
    let buckets = Buckets::spanning(first, last);
    let (tests, more) = tests(&results, &buckets);
    let sampled = results.list.iter().any(|result| result.weight != 1.0);
    let items = shown_items(&state, &tests).await?;
    let tables = Tables { scope: frame.scope(), buckets: &buckets, tests: &tests, items: &items };
    let content = html! {
        div data-live="notes" {
            @if tests.is_empty() { (empty::hint(&frame.connection_string)) } @else { (timeline::legend()) }
            @if sampled { p.soft { "sampled: counts are estimates" } }
            @if more > 0 { p.soft { (more) " more tests are not shown." } }
        }
        div data-live="tests" { (tables.tests()) }
        details {
            summary { "Timelines as a table, with a sample of each interval" }
            div data-live="intervals" { (tables.intervals()) }
        }
    };
    Ok(frame.page(AVAILABILITY.title, &content))
}

/// The items that the rows of the tests link to, by their ids.
async fn shown_items(state: &AppState, tests: &[Test]) -> Result<HashMap<i64, Item>, PageError> {
    let locations = tests.iter().flat_map(|test| &test.locations);
    let ids: Vec<_> = locations
        .flat_map(|location| [Some(location.last), location.last_failed])
        .flatten()
        .map(|last| last.id)
        .collect();
    let items = state.store.items(Filter::default().with_ids(&ids), ids.len()).await?;
    Ok(items.into_iter().map(|item| (item.id, item)).collect())
}
