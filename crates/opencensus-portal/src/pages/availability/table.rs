//! The tests as tables.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::pages::availability::groups::{Location, Outcome, Test};
use crate::pages::availability::timeline::{timeline, word};
use crate::pages::chart::Buckets;
use crate::pages::scope::Scope;
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
                    h2 { (named(&test.name, "(no name)")) " " span.soft { (share(&test.results)) } }
                    div.scroll {
                        table {
                            (heads())
                            tbody { @for location in &test.locations { (self.row(location)) } }
                        }
                    }
                    @if test.more_locations > 0 { p.soft { "and " (test.more_locations) " more locations" } }
                }
            }
        }
    }

    fn row(&self, location: &Location) -> Markup {
        let results = &location.results;
        let average = results.durations.mean().map(|mean| format::duration(mean as i64));
        html! {
            tr {
                td.name { (named(&location.name, "(no location)")) }
                td.number.failed[results.failed > 0.0] { (share(results)) }
                td.number { (format::count(results.count)) }
                td.number { (average.as_deref().unwrap_or("–")) }
                td.number { (results.p95().map_or_else(|| "–".to_owned(), format::duration)) }
                td { (timeline(self.scope, self.buckets, &location.cells)) }
                td.name { (self.result(&location.last)) }
                td { @if let Some(failed) = &location.last_failed { (self.sample(failed.id, &format::clock(failed.time))) } }
            }
        }
    }

    /// The last result, its time and its message.
    fn result(&self, result: &TestResult) -> Markup {
        let message = self.items.get(&result.id).and_then(|item| item.message.as_deref()).unwrap_or("");
        let (class, mark) = if result.failed { ("failed", "✗ failed") } else { ("ok", "✓ succeeded") };
        html! {
            span class=(class) { (mark) } " "
            (self.sample(result.id, &format::clock(result.time)))
            @if !message.is_empty() { span.message { (message) } }
        }
    }

    fn sample(&self, id: i64, text: &str) -> Markup {
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
        html! {
            table {
                thead {
                    tr {
                        @for head in ["Test", "Location", "From (UTC)", "Outcome"] { th scope="col" { (head) } }
                        th.number scope="col" { "Succeeded" }
                        th.number scope="col" { "Failed" }
                        th scope="col" { "Sample" }
                    }
                }
                tbody {
                    @for (test, location, at, cell) in with_results {
                        tr {
                            td.name { (named(&test.name, "(no name)")) }
                            td.name { (named(&location.name, "(no location)")) }
                            td.time { (format::date(self.buckets.start(at))) }
                            td { (word(cell.outcome())) }
                            td.number { (format::count(cell.succeeded)) }
                            td.number { (format::count(cell.failed)) }
                            td { @if let Some(sample) = cell.sample { (self.sample(sample, "sample")) } }
                        }
                    }
                }
            }
        }
    }
}

fn heads() -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { "Location" }
                th.number scope="col" { "Available" }
                th.number scope="col" { "Results" }
                th.number scope="col" { "Average" }
                th.number scope="col" { "95th percentile" }
                th scope="col" { "Timeline" }
                th scope="col" { "Last result" }
                th scope="col" { "Last failure" }
            }
        }
    }
}

/// The share of results that succeeded.
fn share(results: &Statistics) -> String {
    format::percent(1.0 - results.failed_share())
}

fn named<'a>(name: &'a str, absent: &'a str) -> &'a str {
    if name.is_empty() { absent } else { name }
}
