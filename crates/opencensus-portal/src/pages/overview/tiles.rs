//! The tiles of the overview: four numbers, each with a chart of its course.

use maud::{Markup, html};

use crate::pages::chart::{bars, steps};
use crate::pages::overview::figures::{Figures, Interval};
use crate::pages::scope::Scope;
use crate::pages::section::{FAILURES, PERFORMANCE, REFUSED, SEARCH, Section};
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::{format, statistics};

/// A number, what it counts, and its course.
struct Tile {
    title: &'static str,
    section: Section,
    /// The search, on the page of searches.
    q: Option<&'static str>,
    number: Markup,
    note: String,
    chart: Markup,
    class: &'static str,
}

pub(super) fn tiles(scope: &Scope, figures: &Figures) -> Markup {
    html! {
        @for tile in [requests(figures), failed(figures), p95(figures), not_whole(figures)] {
            div.card.tile.(tile.class) {
                h2 { a href=(scope.link(tile.section.path, tile.q.map(|q| ("q", q)))) { (tile.title) } }
                p.figure { (tile.number) }
                p.soft { (tile.note) }
                (tile.chart)
            }
        }
    }
}

fn requests(figures: &Figures) -> Tile {
    let values = course(figures, |interval| interval.requests.count);
    Tile {
        title: "Requests",
        section: SEARCH,
        q: Some("kind:request"),
        number: html! { (format::count(figures.total.requests.count)) },
        note: format!("at most {} in {}", format::count(largest(&values)), figures.buckets.width()),
        chart: bars(&values, &label(figures, "Requests")),
        class: "plain",
    }
}

fn failed(figures: &Figures) -> Tile {
    let requests = &figures.total.requests;
    Tile {
        title: "Failed requests",
        section: FAILURES,
        q: None,
        number: html! { (format::count(requests.failed)) },
        note: format!("{} of the requests", format::percent(requests.failed_share())),
        chart: bars(&course(figures, |interval| interval.requests.failed), &label(figures, "Failed requests")),
        class: "bad",
    }
}

fn p95(figures: &Figures) -> Tile {
    let values: Vec<_> =
        figures.intervals.iter().map(|interval| interval.requests.p95().map(|p95| p95 as f64)).collect();
    Tile {
        title: "95th percentile",
        section: PERFORMANCE,
        q: None,
        number: html! { (format::optional_duration(figures.total.requests.p95())) },
        note: "of the durations of requests".to_owned(),
        chart: steps(&values, &label(figures, "95th percentile of the durations")),
        class: "plain",
    }
}

fn not_whole(figures: &Figures) -> Tile {
    Tile {
        title: "Items refused or cut",
        section: REFUSED,
        q: None,
        number: html! { (format::count(figures.total.not_whole)) },
        note: "by the rules of Azure".to_owned(),
        chart: bars(&course(figures, |interval| interval.not_whole), &label(figures, "Items refused or cut")),
        class: "warned",
    }
}

fn course(figures: &Figures, value: impl Fn(&Interval) -> f64) -> Vec<f64> {
    figures.intervals.iter().map(value).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn label(figures: &Figures, what: &str) -> String {
    let buckets = &figures.buckets;
    let (from, to) = (format::date(buckets.start(0)), format::date(buckets.start(buckets.count())));
    format!("{what} in each {}, from {from} to {to}; the table below has the values", buckets.width())
}

/// The values of all charts, as a table.
pub(super) fn values(figures: &Figures) -> Markup {
    let columns = [Text("From (UTC)"), Number("Requests")].into_iter().chain(statistics::COLUMNS);
    let rows = html! {
        @for (at, interval) in figures.intervals.iter().enumerate() {
            tr {
                td.time { (format::moment(figures.buckets.start(at))) }
                td.number { (format::count(interval.requests.count)) }
                (statistics::cells(&interval.requests))
                td.number { (format::count(interval.not_whole)) }
            }
        }
    };
    let label = format!("Values of the charts, for each {}", figures.buckets.width());
    table(&label, columns.chain([Number("Refused or cut")]), &rows)
}
