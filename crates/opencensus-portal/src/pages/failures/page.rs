//! The handler of the page, and the order of its parts.

use std::collections::HashSet;

use axum::extract::State;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::clock;
use crate::pages::error::PageError;
use crate::pages::failures::query::FailuresQuery;
use crate::pages::failures::{codes, groups, samples, trend};
use crate::pages::frame::Frame;
use crate::pages::parameters::Parameters;
use crate::pages::scope::Scope;
use crate::pages::section::FAILURES;
use crate::pages::{first_item, format};
use crate::store::{Failures, FailuresOf, Item, SAMPLES, StoreError};

/// The most samples of a selected operation, call or problem.
const MAX_SAMPLES: usize = 20;

pub(in crate::pages) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Parameters(query): Parameters<FailuresQuery>,
) -> Result<Markup, PageError> {
    let frame = Frame::load(&state, scope, Some(FAILURES)).await?;
    let filter = frame.filter.clone();
    let limit = if query.op.is_some() { MAX_SAMPLES } else { SAMPLES };
    let (failures, items, before) = tokio::try_join!(
        state.store.failures(filter.clone(), query.what(), query.code.clone()),
        state.store.items(query.samples(filter), limit),
        read_before(&state, &frame, &query),
    )?;
    Ok(frame.page(FAILURES.title, &content(&frame, &query, &failures, &items, before.as_ref())))
}

/// What failed in the run before the one that the page shows, if there is one.
async fn read_before(
    state: &AppState,
    frame: &Frame,
    query: &FailuresQuery,
) -> Result<Option<HashSet<String>>, StoreError> {
    let Some(run) = frame.run_before() else { return Ok(None) };
    let before = Scope { run: run.id.to_string(), role: frame.scope().role.clone(), ..Scope::default() };
    let filter = before.filter(state.store.run(), clock::now());
    Ok(Some(state.store.failure_keys(query.filter(filter), query.what()).await?))
}

fn content(
    frame: &Frame,
    query: &FailuresQuery,
    failures: &Failures,
    items: &[Item],
    before: Option<&HashSet<String>>,
) -> Markup {
    let scope = frame.scope();
    html! {
        (kinds(query, scope))
        div data-live="failures" {
            @if failures.groups.is_empty() {
                p.card { "Nothing failed" @if query.code.is_some() { " with this result code" } "." }
                @if frame.is_empty() { (first_item::hint("telemetry", &frame.connection_string)) }
            } @else {
                (trend::trend(&failures.times))
                (groups::table(&failures.groups, before, query, scope))
                @if query.what() != FailuresOf::Exceptions { (codes::codes(&failures.codes, query, scope)) }
            }
        }
        @if query.op.is_some() || query.code.is_some() {
            p { a href=(FailuresQuery { of: query.of.clone(), ..FailuresQuery::default() }.link(scope)) { "All failures" } }
        }
        // The part is there without failures, so that the script can fill it.
        div data-live="samples" {
            @if !failures.groups.is_empty() {
                h2 #samples { "Newest failures" @if let Some(op) = &query.op { " of " (format::name(op)) } }
                (samples::samples(items, scope))
            }
        }
    }
}

/// Links to the failures of operations and calls, and to exceptions.
fn kinds(query: &FailuresQuery, scope: &Scope) -> Markup {
    let kinds = [("", "Operations"), ("dependencies", "Dependencies"), ("exceptions", "Exceptions")];
    html! {
        nav.tabs aria-label="Kinds" {
            @for (of, title) in kinds {
                @let tab = FailuresQuery { of: of.to_owned(), ..FailuresQuery::default() };
                a href=(tab.link(scope)) aria-current=[(query.of == of).then_some("true")] { (title) }
            }
        }
    }
}
