//! The program prints what a client needs, and stops at SIGTERM.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use opencensus_portal::Portal;

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

/// Runs the program to its end, and returns exit code, standard output and standard error.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_opencensus-portal")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn help_and_version_are_printed_with_success() {
    let (code, help, errors) = run(&["--help"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    for text in ["serve", "--listen", "--db", "Exit codes"] {
        assert!(help.contains(text), "{text}: {help}");
    }
    assert_eq!(run(&["serve", "-h"]).0, Some(0));
    assert!(run(&["--version"]).1.starts_with("opencensus-portal 0."));
}

#[test]
fn port_in_use_is_an_error_that_names_the_program_behind_it() {
    let portal = Portal::start().unwrap();
    let (code, output, errors) = run(&["--listen", &portal.address().to_string()]);
    assert_eq!((code, output.as_str()), (Some(1), ""));
    assert!(errors.contains(&format!("a portal already listens on {}", portal.url())), "{errors}");
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    std::thread::spawn(move || other.accept().unwrap().0.write_all(b"220 mail\r\n").unwrap());
    let (code, _, errors) = run(&["--listen", &address]);
    assert_eq!(code, Some(1));
    assert!(errors.contains(&format!("another program listens on {address}")), "{errors}");
}

#[test]
fn misspelled_options_and_commands_are_refused_with_a_suggestion() {
    for (arguments, suggestion) in [
        (["--listne", "127.0.0.1:0"].as_slice(), "did you mean `--listen`?"),
        (&["srve"], "did you mean `serve`?"),
        (&["serve", "--frobnicate"], "`opencensus-portal serve --help`"),
        (&["--listen", "here"], "here"),
        (&["serve", "more"], "more"),
    ] {
        let (code, output, errors) = run(arguments);
        assert_eq!((code, output.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(errors.starts_with("opencensus-portal: ") && errors.contains(suggestion), "{arguments:?}: {errors}");
    }
}
