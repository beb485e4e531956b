//! Test vectors: every row runs, then the faults are told.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What a row showed.
pub(crate) enum Row {
    Passed,
    /// It stands on the list of differences and decisions, and is as that says.
    Deliberate,
    Failed(String),
}

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");

/// The file below `VECTORS_DIR`, or below `tests/vectors` if that is not set.
pub(crate) fn read(file: &str) -> Value {
    let root = std::env::var_os("VECTORS_DIR").map_or_else(|| PathBuf::from(OWN), PathBuf::from);
    parse(&root.join(file))
}

/// The file below `tests/vectors`.
pub(crate) fn read_own(file: &str) -> Value {
    parse(&Path::new(OWN).join(file))
}

fn parse(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&whole_characters(&text)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// JavaScript cuts characters in two; the halves become `U+FFFD`, since Rust has no text for them.
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

/// The cases of a folder, one a file, in the order of their names.
pub(crate) fn read_cases(folder: &str) -> Vec<Value> {
    let root = std::env::var_os("VECTORS_DIR").map_or_else(|| PathBuf::from(OWN), PathBuf::from);
    cases_of(&root.join(folder))
}

/// The cases of a folder below `tests/vectors`.
pub(crate) fn read_own_cases(folder: &str) -> Vec<Value> {
    cases_of(&Path::new(OWN).join(folder))
}

fn cases_of(root: &Path) -> Vec<Value> {
    let entries = std::fs::read_dir(root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| parse(path)).collect()
}

/// Runs `judge` over all rows of a file, prints the line of numbers, and fails if a row failed.
pub(crate) fn run(file: &str, rows: &str, judge: impl Fn(&Value) -> Row) {
    let content = read(file);
    run_rows(file, content[rows].as_array().map(Vec::as_slice).unwrap_or_default(), "id", judge);
}

/// Runs `judge` over all rows, each with its name at `name`.
pub(crate) fn run_rows(file: &str, rows: &[Value], name: &str, mut judge: impl FnMut(&Value) -> Row) {
    assert!(!rows.is_empty(), "{file} has no rows");
    let (mut ran, mut deliberate, mut faults) = (0, 0, Vec::new());
    for row in rows {
        let id = row[name].as_str().unwrap_or("?");
        match judge(row) {
            Row::Passed => ran += 1,
            Row::Deliberate => deliberate += 1,
            Row::Failed(fault) => {
                ran += 1;
                faults.push(format!("{id}: {fault}"));
            }
        }
    }
    // Not `println!`: the line is for whoever reads the run, of tests that passed too. It begins a
    // line of its own, whatever the harness has written.
    let line = format!("\nvectors {file} ran={ran} deliberate={deliberate} failed={}\n", faults.len());
    std::io::stdout().write_all(line.as_bytes()).expect("stdout is open");
    assert!(faults.is_empty(), "{file}:\n{}", faults.join("\n"));
}

/// The header lines of a case: as text in latin-1, or as bytes.
pub(crate) fn lines(case: &Value) -> Vec<Vec<u8>> {
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
