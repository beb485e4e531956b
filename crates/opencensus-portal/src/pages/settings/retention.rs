//! What the store holds, its limits, and its runs.

use std::time::Duration;

use maud::{Markup, html};

use crate::app_state::AppState;
use crate::pages::format;
use crate::pages::frame::Frame;
use crate::pages::scope::Scope;
use crate::pages::table::Column::{Number, Text};
use crate::pages::table::table;
use crate::store::{KindUsage, Limits};

pub(super) fn use_of_the_store(usage: &[KindUsage], state: &AppState) -> Markup {
    let (items, bytes): (i64, i64) = usage.iter().fold((0, 0), |sum, kind| (sum.0 + kind.items, sum.1 + kind.bytes));
    let Limits { max_items, max_bytes, max_age } = state.limits;
    let rows = html! {
        @for kind in usage {
            tr {
                td { (kind.kind.as_str()) }
                td.number { (format::count(kind.items as f64)) }
                td.number { (size(kind.bytes as f64)) }
            }
        }
    };
    let place = state.database.as_ref().map(|file| file.display().to_string());
    html! {
        dl {
            dt { "Database" }
            dd { @if let Some(place) = place { (place) } @else { "memory: items are gone when the portal ends" } }
            dt { "Items" }
            dd { (format::count(items as f64)) " of at most " (format::count(max_items as f64)) }
            dt { "Size" }
            dd { "about " (size(bytes as f64)) " of at most " (size(max_bytes as f64)) }
            dt { "Age" }
            dd { "at most " (days(max_age)) }
        }
        p.soft { "Beyond each limit the oldest items are deleted." }
        @if !usage.is_empty() {
            (table("Items by kind", [Text("Kind"), Number("Items"), Number("Size")], &rows))
        }
    }
}

/// The runs, each with a link that shows it.
pub(super) fn runs(frame: &Frame) -> Markup {
    let rows = html! {
        @for run in frame.runs() {
            @let scope = Scope { run: run.id.to_string(), ..Scope::default() };
            tr {
                td {
                    a href=(scope.link("/", [])) { @if let Some(name) = &run.name { (name) } @else { "Run " (run.id) } }
                }
                td.time { (format::date(run.started)) }
                td.number { (format::count(run.items as f64)) }
            }
        }
    };
    html! {
        p.soft { "Each start of the portal with the same database is a run, and so is each imported file." }
        (table("Runs", [Text("Run"), Text("Started (UTC)"), Number("Items")], &rows))
    }
}

fn size(bytes: f64) -> String {
    let kibibytes = bytes / 1024.0;
    if kibibytes < 1024.0 { format!("{kibibytes:.0} KiB") } else { format!("{:.1} MiB", kibibytes / 1024.0) }
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
        assert_eq!((size(1_572_864.0), size(2048.0)), ("1.5 MiB".into(), "2 KiB".into()));
        assert_eq!(days(Duration::from_secs(5400)), "1.5 hours");
        assert_eq!(days(Duration::from_secs(30 * 86_400)), "30 days");
    }
}
