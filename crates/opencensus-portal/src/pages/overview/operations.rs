//! The operations that are slowest, and those that fail most.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::overview::figures::{Figures, Operation};
use crate::pages::scope::Scope;
use crate::pages::section::{FAILURES, PERFORMANCE, Section};

pub(super) fn operations(scope: &Scope, figures: &Figures) -> Markup {
    html! {
        section aria-labelledby="slowest" {
            h2 #slowest { "Slowest operations" }
            (table(scope, &figures.slowest, PERFORMANCE, "No request has been received."))
        }
        section aria-labelledby="failing" {
            h2 #failing { "Most failing operations" }
            (table(scope, &figures.failing, FAILURES, "No request failed."))
        }
    }
}

fn table(scope: &Scope, operations: &[Operation], target: Section, none: &str) -> Markup {
    html! {
        @if operations.is_empty() {
            p.soft { (none) }
        } @else {
            div.scroll {
                table {
                    thead {
                        tr {
                            th scope="col" { "Operation" }
                            th.number scope="col" { "Requests" }
                            th.number scope="col" { "Failed" }
                            th.number scope="col" { "95th percentile" }
                        }
                    }
                    tbody { @for operation in operations { (row(scope, operation, target)) } }
                }
            }
        }
    }
}

fn row(scope: &Scope, operation: &Operation, target: Section) -> Markup {
    let requests = &operation.requests;
    let failed = requests.failed > 0.0;
    html! {
        tr {
            td.name {
                a href=(scope.link(target.path, [("op", operation.name.as_str())])) {
                    @if operation.name.is_empty() { "(no name)" } @else { (operation.name) }
                }
            }
            td.number { (format::count(requests.count)) }
            td.number.failed[failed] {
                (format::count(requests.failed))
                @if failed { " (" (format::percent(requests.failed_share())) ")" }
            }
            td.number { (requests.p95().map_or_else(|| "–".to_owned(), format::duration)) }
        }
    }
}
