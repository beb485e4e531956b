//! The operations that are slowest, and those that fail most.

use maud::{Markup, html};

use crate::pages::overview::figures::{Figures, Operation};
use crate::pages::scope::Scope;
use crate::pages::section::{FAILURES, PERFORMANCE, Section};
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::pages::{format, statistics};

pub(super) fn operations(scope: &Scope, figures: &Figures) -> Markup {
    html! {
        section aria-labelledby="slowest" {
            h2 #slowest { "Slowest operations" }
            (list(scope, &figures.slowest, PERFORMANCE, "No request has been received."))
        }
        section aria-labelledby="failing" {
            h2 #failing { "Most failing operations" }
            (list(scope, &figures.failing, FAILURES, "No request failed."))
        }
    }
}

fn list(scope: &Scope, operations: &[Operation], target: Section, none: &str) -> Markup {
    let columns = [Text("Operation"), Number("Requests")].into_iter().chain(statistics::COLUMNS);
    html! {
        @if operations.is_empty() {
            p.soft { (none) }
        } @else {
            (table("Operations", columns, &html! { @for operation in operations { (row(scope, operation, target)) } }))
        }
    }
}

fn row(scope: &Scope, operation: &Operation, target: Section) -> Markup {
    let link = scope.link(target.path, [("op", operation.name.as_str())]);
    html! {
        tr {
            td.name { a href=(link) { (format::name(&operation.name)) } }
            td.number { (format::count(operation.requests.count)) }
            (statistics::cells(&operation.requests))
        }
    }
}
