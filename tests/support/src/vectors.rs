//! Reads test vectors and runs every row, then reports all failures at once.
//!
//! The environment variable `VECTORS_DIR` replaces the folder `tests/vectors` by another set of the same layout. With
//! `VECTORS_REASONS` set, each reason of a row that was not compared is printed with its number of rows.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The result of one row.
#[derive(Debug)]
pub enum Row {
    /// The behaviour is as expected.
    Passed,
    /// The behaviour differs on purpose: the reason of the rule that applies to the row's content.
    Deliberate(&'static str),
    /// The test cannot run the row: the kind of what it lacks, such as "view `/csrf/`" or "step `freeze`".
    Skipped(String),
    /// The row ran, but states no agreed result that the behaviour could be compared with.
    Undecided,
    /// The behaviour is wrong, with the reason.
    Failed(String),
}

const BUNDLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors");

/// `VECTORS_DIR`, or else `tests/vectors`.
fn folder() -> PathBuf {
    std::env::var_os("VECTORS_DIR").map_or_else(|| PathBuf::from(BUNDLED), PathBuf::from)
}

/// Reads a file below `VECTORS_DIR`, or below `tests/vectors` if that is not set.
pub fn read(file: &str) -> Value {
    parse(&folder().join(file))
}

/// Reads a file below `tests/vectors`, whatever `VECTORS_DIR` is.
pub fn read_bundled(file: &str) -> Value {
    parse(&Path::new(BUNDLED).join(file))
}

fn parse(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&whole_characters(&text)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Replaces unpaired surrogates with `U+FFFD`: JavaScript can cut a character in half, and Rust's strings cannot hold a
/// half.
fn whole_characters(text: &str) -> String {
    let half = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut whole, mut at) = (String::with_capacity(text.len()), 0);
    while at < text.len() {
        let length = match (half(at), half(at + 6)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => {
                whole.push_str("\\ufffd");
                at += 6;
                continue;
            }
            _ if text[at..].starts_with('\\') => 2,
            _ => text[at..].find('\\').unwrap_or(text.len() - at).max(1),
        };
        whole.push_str(&text[at..at + length]);
        at += length;
    }
    whole
}

/// Reads all cases of a folder, one per file, in the order of the file names.
pub fn read_cases(name: &str) -> Vec<Value> {
    cases_of(&folder().join(name))
}

/// Reads all cases of a folder below `tests/vectors`, whatever `VECTORS_DIR` is.
pub fn read_bundled_cases(name: &str) -> Vec<Value> {
    cases_of(&Path::new(BUNDLED).join(name))
}

fn cases_of(root: &Path) -> Vec<Value> {
    let entries = std::fs::read_dir(root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| parse(path)).collect()
}

/// Runs `check` over all rows of a file, prints the counts, and panics if a row failed.
pub fn run(file: &str, rows: &str, check: impl Fn(&Value) -> Row) {
    let content = read(file);
    run_rows(file, content[rows].as_array().map(Vec::as_slice).unwrap_or_default(), "id", check);
}

/// As [`run`], for rows that are already read. `name` is the key of a row's name.
pub fn run_rows(file: &str, rows: &[Value], name: &str, check: impl FnMut(&Value) -> Row) {
    assert!(!rows.is_empty(), "{file} has no rows");
    let counts = count(rows, name, check);
    // Not `println!`, because the test runner hides it for tests that pass. The leading line end ends the line with the
    // test's name.
    let text = format!("\n{}\n{}", counts.line(file), counts.reasons());
    std::io::stdout().write_all(text.as_bytes()).expect("stdout is open");
    assert!(counts.failures.is_empty(), "{file}:\n{}", counts.failures.join("\n"));
}

/// Checks every row. A panic fails its row alone.
fn count(rows: &[Value], name: &str, mut check: impl FnMut(&Value) -> Row) -> Counts {
    let mut counts = Counts::default();
    for row in rows {
        let result = catch_unwind(AssertUnwindSafe(|| check(row)));
        counts.add(row[name].as_str().unwrap_or("?"), result.unwrap_or_else(|panic| Row::Failed(panic_text(&*panic))));
    }
    counts
}

/// The results of one set of vectors.
#[derive(Default)]
struct Counts {
    ran: usize,
    undecided: usize,
    deliberate: BTreeMap<String, usize>,
    skipped: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Counts {
    fn add(&mut self, id: &str, result: Row) {
        match result {
            Row::Passed => self.ran += 1,
            Row::Undecided => self.undecided += 1,
            Row::Deliberate(reason) => *self.deliberate.entry(reason.to_owned()).or_default() += 1,
            Row::Skipped(kind) => *self.skipped.entry(kind).or_default() += 1,
            Row::Failed(reason) => {
                self.ran += 1;
                self.failures.push(format!("{id}: {reason}"));
            }
        }
    }

    fn line(&self, file: &str) -> String {
        let sum = |reasons: &BTreeMap<String, usize>| reasons.values().sum::<usize>();
        format!(
            "vectors {file} ran={} deliberate={} failed={} skipped={} undecided={}",
            self.ran,
            sum(&self.deliberate),
            self.failures.len(),
            sum(&self.skipped),
            self.undecided
        )
    }

    fn reasons(&self) -> String {
        if std::env::var_os("VECTORS_REASONS").is_none() {
            return String::new();
        }
        let lines = |label: &'static str, reasons: &BTreeMap<String, usize>| {
            reasons.iter().map(|(reason, rows)| format!("  {label} {rows}: {reason}\n")).collect::<String>()
        };
        lines("deliberate", &self.deliberate) + &lines("skipped", &self.skipped)
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or_default())
}

/// The header values of a case: `values` as text in Latin-1, or `hex` as bytes.
pub fn header_values(case: &Value) -> Vec<Vec<u8>> {
    let latin1 = |text: &Value| text.as_str().unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let hex = |text: &Value| {
        let text = text.as_str().unwrap();
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    match case["hex"].as_array() {
        Some(lines) => lines.iter().map(hex).collect(),
        None => case["values"].as_array().unwrap().iter().map(latin1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_row_counts_once_and_by_its_kind() {
        let mut counts = Counts::default();
        let results = [
            Row::Passed,
            Row::Deliberate("a rule"),
            Row::Deliberate("a rule"),
            Row::Skipped("view `/x/`".to_owned()),
            Row::Undecided,
            Row::Failed("wrong".to_owned()),
        ];
        for result in results {
            counts.add("row", result);
        }
        assert_eq!(counts.line("set"), "vectors set ran=2 deliberate=2 failed=1 skipped=1 undecided=1");
        assert_eq!(counts.failures, ["row: wrong"]);
    }

    #[test]
    fn panic_fails_its_row_alone() {
        let rows = [json!({"id": "first"}), json!({"id": "second"})];
        let counts = count(&rows, "id", |row| {
            assert!(row["id"] != "first", "unknown step");
            Row::Passed
        });
        assert_eq!((counts.ran, counts.failures), (2, vec!["first: panicked: unknown step".to_owned()]));
    }
}
