//! The handler of the page, and the order of its parts.

use axum::extract::State;
use maud::{Markup, html};

use crate::app_state::AppState;
use crate::clock;
use crate::pages::error::PageError;
use crate::pages::first_item;
use crate::pages::frame::Frame;
use crate::pages::parameters::Parameters;
use crate::pages::performance::comparison::{self, Others, others};
use crate::pages::performance::histogram::{Interval, histogram};
use crate::pages::performance::query::PerformanceQuery;
use crate::pages::performance::{histogram_chart, operations, samples};
use crate::pages::scope::Scope;
use crate::pages::section::PERFORMANCE;
use crate::store::{Item, StoreError, Timings};

/// The most samples.
const MAX_SAMPLES: usize = 10;

pub(in crate::pages) async fn page(
    State(state): State<AppState>,
    scope: Scope,
    Parameters(query): Parameters<PerformanceQuery>,
) -> Result<Markup, PageError> {
    let frame = Frame::load(&state, scope, Some(PERFORMANCE)).await?;
    let (timings, samples, others) = tokio::try_join!(
        state.store.timings(frame.filter.clone().of_kind(query.kind())),
        state.store.slowest(query.samples(frame.filter.clone()), MAX_SAMPLES),
        read_others(&state, &frame, &query),
    )?;
    Ok(frame.page(PERFORMANCE.title, &content(&frame, &query, &timings, &samples, others.as_ref())))
}

/// The numbers of the run that is compared with, if there is one.
async fn read_others(state: &AppState, frame: &Frame, query: &PerformanceQuery) -> Result<Option<Others>, StoreError> {
    if query.with.parse::<i64>().is_err() {
        return Ok(None);
    }
    let other = Scope { run: query.with.clone(), role: frame.scope().role.clone(), ..Scope::default() };
    let filter = other.filter(state.store.run(), clock::now()).of_kind(query.kind());
    Ok(Some(others(&state.store.timings(filter).await?)))
}

fn content(
    frame: &Frame,
    query: &PerformanceQuery,
    timings: &Timings,
    items: &[Item],
    others: Option<&Others>,
) -> Markup {
    let scope = frame.scope();
    let statistics = timings.by_name();
    let operations = operations::sorted(&statistics, &query.sort);
    let title = query.op.as_deref().unwrap_or("All operations");
    html! {
        (kinds(query, scope))
        (comparison::form(frame, query))
        div data-live="operations" {
            @if operations.is_empty() {
                (first_item::hint("durations", &frame.connection_string))
            } @else {
                @if timings.list.iter().any(|timing| timing.weight != 1.0) { p.soft { "sampled: counts are estimates" } }
                (operations::table(&operations, query, scope, others))
            }
        }
        // The parts are there without operations, so that the script can fill them.
        div data-live="histogram" {
            @if !operations.is_empty() {
                h2 #durations { "Durations: " (title) }
                @if query.op.is_some() {
                    p { a href=(PerformanceQuery { op: None, min: None, max: None, ..query.clone() }.link(scope)) { "All operations" } }
                }
                (histogram_chart::chart(&intervals(timings, query), query, scope))
            }
        }
        div data-live="samples" {
            @if !operations.is_empty() {
                h2 #samples { "Slowest samples" }
                (samples::samples(items, scope))
            }
        }
    }
}

fn intervals(timings: &Timings, query: &PerformanceQuery) -> Vec<Interval> {
    let is_selected = |name: usize| query.op.as_deref().is_none_or(|op| op == timings.names.text(name));
    let selected = timings.list.iter().filter(|timing| is_selected(timing.name));
    histogram(selected.filter_map(|timing| Some((timing.duration?, timing.weight))))
}

/// Links to the durations of requests, dependencies and page views.
fn kinds(query: &PerformanceQuery, scope: &Scope) -> Markup {
    let kinds = [("", "Requests"), ("dependencies", "Dependencies"), ("pages", "Page views")];
    html! {
        nav.tabs aria-label="Kinds" {
            @for (of, title) in kinds {
                @let tab = PerformanceQuery { of: of.to_owned(), with: query.with.clone(), ..PerformanceQuery::default() };
                a href=(tab.link(scope)) aria-current=[(query.of == of).then_some("true")] { (title) }
            }
        }
    }
}
