//! Tests that compare the rows with `docs/settings.md`.

use std::collections::BTreeSet;

use opencensus_settings::Value;

use crate::settings::Settings;
use crate::settings::builder::{Builder, Row};
use crate::settings::table::ALL;

const PAGE: &str = include_str!("../../../docs/settings.md");

/// The cells of each row in the tables that begin with the column `setting`.
fn documented() -> Vec<Vec<&'static str>> {
    let tables = PAGE.split("| setting |").skip(1);
    let rows = tables.flat_map(|table| table.lines().skip(2).take_while(|line| line.starts_with('|')));
    rows.map(|row| row.trim_matches('|').split(" |").map(str::trim).collect()).collect()
}

/// The texts in backticks.
fn names(cell: &'static str) -> Vec<&'static str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn each(check: impl Fn(&Row, &[&'static str])) {
    let documented = documented();
    for row in ALL.iter().copied().flatten() {
        let cells = documented.iter().find(|cells| names(cells[1]).first() == Some(&row.path));
        let cells = cells.unwrap_or_else(|| panic!("`{}` is not documented", row.path));
        assert_eq!(cells.len(), 5, "{}", row.path);
        check(row, cells);
    }
}

#[test]
fn every_row_is_documented_once() {
    each(|_, _| {});
    assert_eq!(documented().len(), ALL.iter().map(|rows| rows.len()).sum::<usize>());
}

#[test]
fn documented_names_and_setters_are_those_of_the_row() {
    each(|row, cells| {
        assert_eq!(names(cells[1])[1..], *row.aliases, "aliases of {}", row.path);
        assert_eq!(names(cells[3]).first().copied(), row.setter, "setter of {}", row.path);
    });
}

#[test]
fn documented_variables_are_those_of_the_row() {
    // Variables that are read apart from the table.
    let others = |path: &str| match path {
        "trace.sampler" => vec!["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"],
        "trace.propagator" => vec!["OTEL_PROPAGATORS"],
        "azure.connection_string" => vec!["APPINSIGHTS_INSTRUMENTATIONKEY"],
        "resource" => vec!["OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"],
        _ => Vec::new(),
    };
    each(|row, cells| {
        let known: BTreeSet<_> = row.variables.iter().copied().chain(others(row.path)).collect();
        let documented = names(cells[2]).into_iter().filter(|name| name.contains('_')).collect::<BTreeSet<_>>();
        assert_eq!(documented, known, "variables of {}", row.path);
    });
}

#[test]
fn documented_defaults_are_the_defaults() {
    // Their default depends on other settings, or lies in the exporter.
    let elsewhere = ["trace.parent_trust", "trace.remote_unsampled", "azure.timeout", "debug", "resource"];
    each(|row, cells| {
        let Some(default) = names(cells[4]).first().copied().filter(|_| cells[4].starts_with('`')) else { return };
        if elsewhere.contains(&row.path) {
            return;
        }
        let mut builder = Builder::new(Settings::default(), ALL);
        builder.set(row.path, &Value::text(default)).unwrap_or_else(|faults| panic!("{}: {faults:?}", row.path));
        assert_eq!(builder.settings, Settings::default(), "default of {}", row.path);
    });
}
