//! The handler of the overview, and the order of its parts.

use std::cmp::Reverse;

use axum::extract::State;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::clock;
use crate::pages::error::PageError;
use crate::pages::first_item;
use crate::pages::frame::Frame;
use crate::pages::overview::figures::Figures;
use crate::pages::overview::{activity, operations, tiles};
use crate::pages::scope::Scope;
use crate::pages::section::OVERVIEW;
use crate::store::{Item, ItemKind, ItemReport};

/// The most failures of the list.
const MAX_FAILURES: usize = 10;

pub(in crate::pages) async fn page(State(state): State<AppState>, scope: Scope) -> Result<Markup, PageError> {
    let now = clock::now();
    let window = scope.window(now);
    let frame = Frame::load(&state, scope, Some(OVERVIEW)).await?;
    let (requests, report, refused, mut failures) = tokio::try_join!(
        state.store.timings(frame.filter.clone().of_kind(ItemKind::Request)),
        state.store.item_report(frame.filter.clone()),
        state.store.refusal_times(frame.filter.clone()),
        state.store.items(frame.filter.clone().failures(), MAX_FAILURES),
    )?;
    // Items of one request arrive in any order.
    failures.sort_by_key(|item| Reverse(item.time));
    let not_whole: Vec<_> = refused.into_iter().chain(report.cut.iter().copied()).collect();
    // Until now, if the scope ends now.
    let window = (window.0, window.1.or(window.0.map(|_| now)));
    let figures = Figures::new(&requests, &not_whole, window);
    Ok(frame.page(OVERVIEW.title, &content(&frame, &figures, &report, &failures)))
}

fn content(frame: &Frame, figures: &Figures, report: &ItemReport, failures: &[Item]) -> Markup {
    let scope = frame.scope();
    html! {
        div data-live="notes" {
            @if report.roles.is_empty() { (first_item::hint("telemetry", &frame.connection_string)) }
            @if report.sampled { p.soft { "sampled: counts are estimates" } }
        }
        div.tiles data-live="tiles" { (tiles::tiles(scope, figures)) }
        details {
            summary { "Values of the charts" }
            div data-live="values" { (tiles::values(figures)) }
        }
        div.pair data-live="operations" { (operations::operations(scope, figures)) }
        section aria-labelledby="failures" {
            h2 #failures { "Newest failures and exceptions" }
            div data-live="failures" { (activity::failures(scope, failures)) }
        }
        section aria-labelledby="roles" {
            h2 #roles { "Roles that report" }
            div data-live="roles" { (activity::roles(scope, report)) }
        }
    }
}
