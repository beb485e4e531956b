//! The tables of defects and limits in the docs name tests that exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Each page with the least number of tests that it names.
const PAGES: [(&str, usize); 3] = [
    (include_str!("../../SECURITY.md"), 40),
    (include_str!("../../crates/opencensus-azure/docs/contract.md"), 24),
    (include_str!("../../crates/opencensus/docs/requests.md"), 30),
];

/// The text of every Rust file in a folder, by its path from the root.
fn read_sources(root: &Path, folder: &Path, sources: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            sources.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_test_that_a_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = BTreeMap::new();
    for folder in ["crates", "tests"] {
        read_sources(root, &root.join(folder), &mut sources);
    }
    for (page, least) in PAGES {
        let named: usize = tables(page).map(|table| count_tests(table, &sources)).sum();
        assert!(named >= least, "{named} tests");
    }
}

/// The tables of a page whose last column is `test` or `tests`, without their heads.
fn tables(page: &str) -> impl Iterator<Item = Vec<&str>> {
    let blocks = page.split("\n\n").map(|block| block.trim().lines());
    blocks.filter_map(|mut lines| {
        let is_table = lines.next().is_some_and(|head| matches!(last_cell(head), Some("test" | "tests")));
        is_table.then(|| lines.skip(1).collect())
    })
}

fn last_cell(row: &str) -> Option<&str> {
    row.strip_suffix('|')?.rsplit('|').next().map(str::trim)
}

/// Checks the last column, and counts its tests. A test after the name of a file is in that file.
fn count_tests(rows: Vec<&str>, sources: &BTreeMap<String, String>) -> usize {
    let mut named = 0;
    for row in rows {
        let names: Vec<_> = last_cell(row).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        let mut file = None;
        for name in names {
            if name.ends_with(".rs") {
                file = Some(sources.get(name).unwrap_or_else(|| panic!("no such file: {name}")));
            } else {
                let is_there =
                    file.map_or_else(|| sources.values().any(|text| has_test(text, name)), |text| has_test(text, name));
                assert!(is_there, "no such test: {name}");
                named += 1;
            }
        }
    }
    named
}

/// Whether a function of this name follows an attribute.
fn has_test(text: &str, name: &str) -> bool {
    let definition = format!("fn {name}(");
    let before = text.split_once(&definition).map(|(before, _)| before.trim_end().trim_end_matches("async"));
    before.is_some_and(|before| before.trim_end().ends_with(']'))
}
