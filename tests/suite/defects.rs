//! The tables of defects and limits in the docs name tests that exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Each page with the least number of tests that it names.
const PAGES: [(&str, usize); 8] = [
    (include_str!("../../SECURITY.md"), 40),
    (include_str!("../../crates/opencensus-azure/docs/contract.md"), 24),
    (include_str!("../../crates/opencensus/docs/requests.md"), 30),
    (include_str!("../../crates/opencensus/docs/layer_order.md"), 25),
    (include_str!("../../crates/opencensus/docs/reliability.md"), 45),
    (include_str!("../../crates/opencensus/docs/setup.md"), 0),
    (include_str!("../../crates/opencensus-logging/docs/defects.md"), 0),
    (include_str!("../../crates/opencensus-portal/README.md"), 12),
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
    let mut missing = Vec::new();
    for (page, least) in PAGES {
        let rows = tables(page).flatten();
        let tests: Vec<_> =
            rows.inspect(|row| assert!(!tests(row).is_empty(), "no test: {row}")).flat_map(tests).collect();
        assert!(tests.len() >= least, "{} tests", tests.len());
        let exists = |(file, test): &(&str, &str)| sources.get(*file).is_some_and(|text| has_test(text, test));
        missing.extend(tests.into_iter().filter(|test| !exists(test)));
    }
    assert!(missing.is_empty(), "these files have no such tests: {missing:#?}");
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

/// The tests of the last column, each with the file that precedes it: `` `file`: `test`, `test`; `file`: `test` ``.
fn tests(row: &str) -> Vec<(&str, &str)> {
    let names: Vec<_> = last_cell(row).unwrap().split('`').skip(1).step_by(2).collect();
    let mut file = "";
    let mut tests = Vec::new();
    for name in names {
        if name.ends_with(".rs") {
            file = name;
        } else {
            tests.push((file, name));
        }
    }
    tests
}

/// Whether a function of this name follows an attribute, or a macro of the file makes it.
fn has_test(text: &str, name: &str) -> bool {
    let row = format!("\n        {name}: ");
    if text.contains("macro_rules! ") && text.contains(&row) {
        return true;
    }
    let definition = format!("fn {name}(");
    let before = text.split_once(&definition).map(|(before, _)| before.trim_end().trim_end_matches("async"));
    before.is_some_and(|before| before.trim_end().ends_with(']'))
}
