//! What the store holds, its limits, and its runs.

use std::time::Duration;

use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::format;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::store::{KindUsage, Limits};

pub(super) fn use_of_the_store(usage: &[KindUsage], state: &AppState) -> Markup {
    let (items, bytes): (i64, i64) = usage.iter().fold((0, 0), |sum, kind| (sum.0 + kind.items, sum.1 + kind.bytes));
    let Limits { max_items, max_bytes, max_age } = state.limits;
    let place = state.database.as_ref().map(|file| file.display().to_string());
    html! {
        dl {
            dt { "Database" }
            dd { @if let Some(place) = place { (place) } @else { "memory: items are gone when the portal ends" } }
            dt { "Items" }
            dd { (format::count(items as f64)) " of at most " (format::count(max_items as f64)) }
            dt { "Size" }
            dd { (mebibytes(bytes as f64)) " of at most " (mebibytes(max_bytes as f64)) ", about" }
            dt { "Age" }
            dd { "at most " (days(max_age)) }
        }
        p.soft { "Beyond each limit the oldest items are deleted." }
        @if !usage.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Items by kind" {
                table {
                    thead { tr { th scope="col" { "Kind" } th.number scope="col" { "Items" } th.number scope="col" { "Size" } } }
                    tbody {
                        @for kind in usage {
                            tr {
                                td { (kind.kind.as_str()) }
                                td.number { (format::count(kind.items as f64)) }
                                td.number { (mebibytes(kind.bytes as f64)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The runs, each with a link that shows it.
pub(super) fn runs(frame: &Frame) -> Markup {
    html! {
        p.soft { "Each start of the portal with the same database is a run, and so is each imported file." }
        div.scroll tabindex="0" role="region" aria-label="Runs" {
            table {
                thead { tr { th scope="col" { "Run" } th scope="col" { "Started (UTC)" } th.number scope="col" { "Items" } } }
                tbody {
                    @for run in frame.runs() {
                        @let scope = Scope { run: run.id.to_string(), ..Scope::default() };
                        tr {
                            td {
                                a href=(scope.link("/", [])) {
                                    @if let Some(name) = &run.name { (name) } @else { "Run " (run.id) }
                                }
                            }
                            td.time { (format::date(run.started)) }
                            td.number { (format::count(run.items as f64)) }
                        }
                    }
                }
            }
        }
    }
}

fn mebibytes(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / (1024.0 * 1024.0))
}

fn days(age: Duration) -> String {
    let hours = age.as_secs_f64() / 3600.0;
    if hours < 48.0 { format!("{hours:.1} hours") } else { format!("{:.0} days", hours / 24.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_formatted() {
        assert_eq!(mebibytes(1_572_864.0), "1.5 MiB");
        assert_eq!(days(Duration::from_secs(5400)), "1.5 hours");
        assert_eq!(days(Duration::from_secs(30 * 86_400)), "30 days");
    }
}
