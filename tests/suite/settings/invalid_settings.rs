//! Every invalid file in `tests/invalid_settings` produces the report beside it.
//!
//! `UPDATE_REPORTS=1` rewrites the reports. Review them as a user would read them.

use std::fs;
use std::path::{Path, PathBuf};

use opencensus::Settings;

use super::input::environment;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/invalid_settings");
/// A secret that the files contain and no report may contain.
const SECRET: &str = "c0ffee00-5ec2-4e75-a000-deadbeef0001";

fn invalid_files() -> Vec<PathBuf> {
    let files = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension != "txt")).collect();
    files.sort();
    files
}

fn report(path: &Path) -> String {
    let variables = [("SECRET", SECRET), ("EMPTY", "")];
    let error = Settings::from_file_and_lookup(path, environment(&variables)).expect_err(&path.display().to_string());
    // Reports name the file without its folder.
    format!("{error}\n").replace(&format!("{}/", path.parent().unwrap().display()), "")
}

#[test]
fn every_invalid_file_gives_its_report() {
    let files = invalid_files();
    assert!(files.len() >= 30, "{}", files.len());
    let mut different = Vec::new();
    for path in &files {
        let report = report(path);
        assert!(!report.contains("c0ffee00") && !report.contains("hunter2"), "{}: {report}", path.display());
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE_REPORTS").is_some() {
            fs::write(&expected, &report).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        if report != expected {
            different.push(format!("{}:\n{report}instead of\n{expected}", path.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
