//! The program prints what a client needs, and stops at SIGTERM.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[test]
fn program_prints_an_endpoint_without_a_slash_and_ends_at_sigterm_with_success() {
    let program = Command::new(env!("CARGO_BIN_EXE_opencensus-portal"))
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn();
    let mut program = program.unwrap();
    let lines: Vec<_> = BufReader::new(program.stdout.take().unwrap()).lines().take(2).map(Result::unwrap).collect();
    let url = lines[0].trim_end_matches('/');
    let export = lines[1].strip_prefix("export APPLICATIONINSIGHTS_CONNECTION_STRING='InstrumentationKey=").unwrap();
    assert!(export.ends_with(&format!(";IngestionEndpoint={url}'")), "{lines:?}");
    let killed = Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(program.wait().unwrap().code(), Some(0));
}
