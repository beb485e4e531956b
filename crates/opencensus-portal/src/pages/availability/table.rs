//! The tests as tables.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::pages::availability::groups::{Location, Outcome, Test};
use crate::pages::availability::timeline::{timeline, word};
use crate::pages::chart::Buckets;
use crate::pages::scope::Scope;
use crate::pages::table::Column::{self, Number, Text};
use crate::pages::table::table;
use crate::pages::timestamp::timestamp;
use crate::pages::{format, link};
use crate::store::{Item, Statistics, TestResult};

/// The most intervals that a list has.
const MAX_INTERVALS: usize = 200;

/// What the tables are made of.
pub(super) struct Tables<'a> {
    pub(super) scope: &'a Scope,
    pub(super) buckets: &'a Buckets,
    pub(super) tests: &'a [Test],
    /// The items of the last results.
    pub(super) items: &'a HashMap<i64, Item>,
}

impl Tables<'_> {
    /// The tests, each with its locations.
    pub(super) fn tests(&self) -> Markup {
        html! {
            @for test in self.tests {
                section.test {
                    h2 { (format::name(&test.name)) " " span.soft { (share(&test.results)) } }
                    @let rows = html! { @for location in &test.locations { (self.row(location)) } };
                    (table("Locations", columns(), &rows))
                    @if test.more_locations > 0 { p.soft { "and " (test.more_locations) " more locations" } }
                }
            }
        }
    }

    fn row(&self, location: &Location) -> Markup {
        let results = &location.results;
        let mean = results.durations.mean().map(|mean| mean as i64);
        html! {
            tr {
                td.name { (location_name(location)) }
                td.number.failed[results.failed > 0.0] { (share(results)) }
                td.number { (format::count(results.count)) }
                td.number { (format::optional_duration(mean)) }
                td.number { (format::optional_duration(results.p95())) }
                td { (timeline(self.scope, self.buckets, &location.cells)) }
                td.name { (self.result(&location.last)) }
                td { @if let Some(failed) = &location.last_failed { (self.sample(failed.id, &timestamp(failed.time))) } }
            }
        }
    }

    /// The last result, its time and its message.
    fn result(&self, result: &TestResult) -> Markup {
        let message = self.items.get(&result.id).and_then(|item| item.message.as_deref()).unwrap_or("");
        let (class, mark) = if result.failed { ("failed", "✗ failed") } else { ("ok", "✓ succeeded") };
        html! {
            span class=(class) { (mark) } " "
            (self.sample(result.id, &timestamp(result.time)))
            @if !message.is_empty() { span.message { (message) } }
        }
    }

    fn sample(&self, id: i64, text: &Markup) -> Markup {
        let operation = self.items.get(&id).and_then(|item| item.operation_id.as_deref());
        html! { a href=(link::sample(self.scope, id, operation)) { (text) } }
    }

    /// The intervals of all timelines that have results.
    pub(super) fn intervals(&self) -> Markup {
        let locations = self.tests.iter().flat_map(|test| test.locations.iter().map(move |location| (test, location)));
        let cells = locations.flat_map(|(test, location)| {
            location.cells.iter().enumerate().map(move |(at, cell)| (test, location, at, cell))
        });
        let with_results = cells.filter(|(.., cell)| cell.outcome() != Outcome::None).take(MAX_INTERVALS);
        let rows = html! {
            @for (test, location, at, cell) in with_results {
                tr {
                    td.name { (format::name(&test.name)) }
                    td.name { (location_name(location)) }
                    td.time { (format::date(self.buckets.start(at))) }
                    td { (word(cell.outcome())) }
                    td.number { (format::count(cell.succeeded)) }
                    td.number { (format::count(cell.failed)) }
                    td { @if let Some(sample) = cell.sample { (self.sample(sample, &html! { "sample" })) } }
                }
            }
        };
        let columns = ["Test", "Location", "From (UTC)", "Outcome"].map(Text).into_iter();
        table("Intervals", columns.chain([Number("Succeeded"), Number("Failed"), Text("Sample")]), &rows)
    }
}

fn columns() -> impl Iterator<Item = Column> {
    let numbers = ["Available", "Results", "Mean", "95th percentile"].map(Number);
    [Text("Location")].into_iter().chain(numbers).chain(["Timeline", "Last result", "Last failure"].map(Text))
}

/// The share of results that succeeded.
fn share(results: &Statistics) -> String {
    format::percent(1.0 - results.failed_share())
}

fn location_name(location: &Location) -> &str {
    if location.name.is_empty() { "(no location)" } else { &location.name }
}
