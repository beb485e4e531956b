//! The tables of defects in the docs name tests that exist.

use std::fs;
use std::path::Path;

const TABLES: [(&str, usize); 2] = [
    (include_str!("../../crates/opencensus/docs/requests.md"), 30),
    (include_str!("../../crates/opencensus-azure/docs/contract.md"), 24),
];

/// The text of every Rust file below a folder.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_defect_has_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut text = String::new();
    for folder in ["crates", "tests"] {
        sources(&root.join(folder), &mut text);
    }
    for (table, least) in TABLES {
        let named = check(table, &text);
        assert!(named >= least, "{named} tests");
    }
}

/// How many tests the first table of a document names.
fn check(table: &str, text: &str) -> usize {
    let rows = table.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let mut named = 0;
    for row in rows.take_while(|line| line.starts_with('|')) {
        let tests: Vec<_> = row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            let definition = format!("fn {test}(");
            let (before, _) = text.split_once(&definition).unwrap_or_else(|| panic!("no such test: {test}"));
            assert!(before.trim_end().trim_end_matches("async").trim_end().ends_with(']'), "no test: {test}");
            named += 1;
        }
    }
    named
}
