//! Draws the histogram of durations. Each bar is a link that selects its durations.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::performance::histogram::Interval;
use crate::pages::performance::query::PerformanceQuery;
use crate::pages::scope::Scope;

const BAR: usize = 34;
const HEIGHT: f64 = 120.0;
/// The height of the labels below the bars.
const LABELS: f64 = 18.0;
/// The width that the last label needs beyond its bar.
const MARGIN: usize = 20;

pub(super) fn chart(intervals: &[Interval], query: &PerformanceQuery, scope: &Scope) -> Markup {
    let largest = intervals.iter().map(|interval| interval.count).fold(f64::MIN_POSITIVE, f64::max);
    let (width, height) = (BAR * intervals.len() + MARGIN, HEIGHT + LABELS);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Durations" {
            svg.histogram width=(width) height=(height) viewBox=(format!("0 0 {width} {height}")) role="group"
                aria-label="Number of items by duration" {
                @for (at, interval) in intervals.iter().enumerate() {
                    (bar(at, interval, largest, query, scope))
                }
            }
        }
        (selection(query, scope))
    }
}

fn bar(at: usize, interval: &Interval, largest: f64, query: &PerformanceQuery, scope: &Scope) -> Markup {
    let selected = PerformanceQuery { min: Some(interval.min), max: Some(interval.max), ..query.clone() };
    let is_selected =
        query.min.is_none_or(|min| interval.min >= min) && query.max.is_none_or(|max| interval.max <= max);
    let height = if interval.count > 0.0 { (interval.count / largest * HEIGHT).max(2.0) } else { 0.0 };
    let text = format!(
        "{} to {}: {} items",
        format::duration(interval.min),
        format::duration(interval.max),
        format::count(interval.count)
    );
    html! {
        a href=(selected.link(scope)) aria-label=(text) {
            title { (text) }
            rect.place x=(at * BAR) y="0" width=(BAR) height=(HEIGHT) {}
            rect.bar.dimmed[!is_selected] x=(at * BAR + 2) y=(format!("{:.1}", HEIGHT - height)) width=(BAR - 4)
                height=(format!("{height:.1}")) {}
            @if at.is_multiple_of(2) {
                text x=(at * BAR) y=(HEIGHT + 14.0) { (format::duration(interval.min)) }
            }
        }
    }
}

/// What is selected, and links that select more or less.
fn selection(query: &PerformanceQuery, scope: &Scope) -> Markup {
    let all = PerformanceQuery { min: None, max: None, ..query.clone() };
    let and_longer = PerformanceQuery { max: None, ..query.clone() };
    html! {
        p.selection {
            @match (query.min, query.max) {
                (None, None) => { "All durations. Choose a bar to select its samples." }
                (min, max) => {
                    "Selected: "
                    @if let Some(min) = min { "from " (format::duration(min)) " " }
                    @if let Some(max) = max { "to " (format::duration(max)) " " }
                    @if max.is_some() { a href=(and_longer.link(scope)) { "and longer" } " " }
                    a href=(all.link(scope)) { "all durations" }
                }
            }
        }
    }
}
