//! The table of operations.

use maud::{Markup, html};

use crate::pages::format;
use crate::pages::performance::comparison::{Others, difference};
use crate::pages::performance::query::PerformanceQuery;
use crate::pages::scope::Scope;
use crate::pages::table::region;
use crate::store::Statistics;

/// The most rows of the table.
const MAX_ROWS: usize = 100;

/// An operation and its durations.
#[derive(Debug)]
pub(super) struct Operation<'a> {
    pub(super) name: &'a str,
    pub(super) statistics: &'a Statistics,
    /// The share of the time of all operations that it takes, 0 to 1.
    pub(super) impact: f64,
}

/// The operations in the order of `sort`, the largest first.
pub(super) fn sorted<'a>(statistics: &'a [(&'a str, Statistics)], sort: &str) -> Vec<Operation<'a>> {
    let time = |statistics: &Statistics| statistics.durations.mean().unwrap_or(0.0) * statistics.durations.weight();
    let all: f64 = statistics.iter().map(|(_, statistics)| time(statistics)).sum();
    let operation = |(name, statistics): &'a (&'a str, Statistics)| {
        let impact = if all > 0.0 { time(statistics) / all } else { 0.0 };
        Operation { name, statistics, impact }
    };
    let mut operations: Vec<_> = statistics.iter().map(operation).collect();
    let percentile = |o: &Operation<'_>, share| o.statistics.durations.percentile(share).unwrap_or(0) as f64;
    let key = |o: &Operation<'_>| match sort {
        "count" => o.statistics.count,
        "p50" => percentile(o, 0.5),
        "p95" => percentile(o, 0.95),
        "p99" => percentile(o, 0.99),
        "failed" => o.statistics.failed_share(),
        _ => o.impact,
    };
    operations.sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.name.cmp(b.name)));
    operations
}

const COLUMNS: [(&str, &str); 7] = [
    ("count", "Count"),
    ("", "Mean"),
    ("p50", "Median"),
    ("p95", "95th percentile"),
    ("p99", "99th percentile"),
    ("failed", "Failed"),
    ("impact", "Impact"),
];

pub(super) fn table(
    operations: &[Operation<'_>],
    query: &PerformanceQuery,
    scope: &Scope,
    others: Option<&Others>,
) -> Markup {
    let table = html! {
        table data-list {
            thead {
                tr {
                    th scope="col" { "Operation" }
                    @for (sort, title) in COLUMNS {
                        th.number scope="col" aria-sort=[is_sorted(sort, query).then_some("descending")] {
                            @if sort.is_empty() { (title) } @else { (sort_link(sort, title, query, scope)) }
                        }
                    }
                    @if others.is_some() { th.number scope="col" { "95th percentile against the other run" } }
                }
            }
            tbody { @for operation in operations.iter().take(MAX_ROWS) { (row(operation, query, scope, others)) } }
        }
    };
    html! {
        (region("Operations", &table))
        @if operations.len() > MAX_ROWS { p.soft { "and " (operations.len() - MAX_ROWS) " more" } }
    }
}

fn is_sorted(sort: &str, query: &PerformanceQuery) -> bool {
    let current = if query.sort.is_empty() { "impact" } else { query.sort.as_str() };
    sort == current
}

fn sort_link(sort: &str, title: &str, query: &PerformanceQuery, scope: &Scope) -> Markup {
    let sorted = PerformanceQuery { sort: sort.to_owned(), ..query.clone() };
    html! { a href=(sorted.link(scope)) { (title) @if is_sorted(sort, query) { " ↓" } } }
}

fn row(operation: &Operation<'_>, query: &PerformanceQuery, scope: &Scope, others: Option<&Others>) -> Markup {
    let Operation { name, statistics, impact } = operation;
    let selected = query.op.as_deref() == Some(*name);
    let op = PerformanceQuery { op: Some((*name).to_owned()), min: None, max: None, ..query.clone() };
    html! {
        tr aria-selected=[selected.then_some("true")] {
            td.name { a href=(op.link(scope)) { (format::name(name)) } }
            td.number { (format::count(statistics.count)) }
            td.number { (format::optional_duration(statistics.durations.mean().map(|mean| mean as i64))) }
            @for share in [0.5, 0.95, 0.99] { td.number { (format::optional_duration(statistics.durations.percentile(share))) } }
            td.number.failed[statistics.failed > 0.0] { (format::percent(statistics.failed_share())) }
            td.number { (format::percent(*impact)) }
            @if let Some(others) = others { (difference(name, statistics, others)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_sorted_by_impact_or_by_a_column() {
        let statistics = [
            ("often", Statistics::new([(Some(10), false, 100.0)])),
            ("slow", Statistics::new([(Some(500), true, 1.0)])),
        ];
        let names = |sort: &str| sorted(&statistics, sort).iter().map(|o| o.name).collect::<Vec<_>>();
        assert_eq!((names(""), names("p95")), (vec!["often", "slow"], vec!["slow", "often"]));
        assert_eq!((names("count"), names("failed")), (vec!["often", "slow"], vec!["slow", "often"]));
        let impact = sorted(&statistics, "")[0].impact;
        assert!((impact - 1000.0 / 1500.0).abs() < 1e-9);
    }
}
