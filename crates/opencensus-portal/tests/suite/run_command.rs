//! `opencensus-portal run` runs a program whose telemetry goes to a portal.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use opencensus_portal::{Portal, requests};
use serde_json::json;

use crate::support::{envelope, post, post_to};

/// The program, with a state folder of the tests.
fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opencensus-portal"));
    command.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// A shell with these lines below `run`, which prints a line when it is ready.
fn run(arguments: &[&str], script: &str) -> (Child, String) {
    let mut command = command();
    command.arg("run").args(arguments).args(["--", "sh", "-c", script]);
    for name in ["APPLICATIONINSIGHTS_CONNECTION_STRING", "NODE_EXTRA_CA_CERTS"] {
        command.env_remove(name);
    }
    for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim_end().to_owned())
}

/// Closes the standard input, and returns the exit code and the standard error.
fn end(mut child: Child) -> (Option<i32>, String) {
    drop(child.stdin.take());
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("the program does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn program_gets_the_variables_and_its_exit_code_and_a_summary_end_the_run() {
    let script = "echo $APPLICATIONINSIGHTS_CONNECTION_STRING $OTEL_EXPORTER_OTLP_ENDPOINT $OTEL_EXPORTER_OTLP_PROTOCOL
                  cat; exit 7";
    let (child, line) = run(&["--listen", "127.0.0.1:0"], script);
    let words: Vec<_> = line.split(' ').collect();
    let [connection_string, endpoint, "http/protobuf"] = words[..] else { panic!("{line}") };
    assert!(connection_string.ends_with(&format!(";IngestionEndpoint={endpoint}")), "{line}");
    let address: SocketAddr = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    let mut failed = envelope("b");
    failed["data"]["baseData"]["success"] = false.into();
    let items = json!([envelope("a"), failed]).to_string();
    assert_eq!(post_to(address, "/v2.1/track", "", items.as_bytes()).await.0, 200);
    let (code, errors) = end(child);
    assert_eq!(code, Some(7), "{errors}");
    assert!(errors.contains("2 requests arrived (1 failed), 0 exceptions, 0 other items"), "{errors}");
}

#[test]
fn variables_of_the_user_are_kept_and_reported() {
    let output = command()
        .args(["run", "--listen", "127.0.0.1:0", "sh", "-c", "echo $APPLICATIONINSIGHTS_CONNECTION_STRING"])
        .env("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=user")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "InstrumentationKey=user\n");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("APPLICATIONINSIGHTS_CONNECTION_STRING is set already"), "{errors}");
}

#[test]
fn signals_reach_the_program_whose_end_by_a_signal_is_128_and_its_number() {
    let (child, line) =
        run(&["--listen", "127.0.0.1:0"], "trap 'exit 9' TERM; echo ready; for i in $(seq 3000); do sleep 0.02; done");
    assert_eq!(line, "ready");
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(end(child).0, Some(9));
    let (child, _) = run(&["--listen", "127.0.0.1:0"], "echo ready; kill -KILL $$");
    assert_eq!(end(child).0, Some(137));
}

#[test]
fn program_that_cannot_be_started_is_reported_with_the_exit_codes_of_shells() {
    for (program, code) in [("/nonexistent/program", 127), ("/", 126)] {
        let output = command().args(["run", "--listen", "127.0.0.1:0", "--", program]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{program}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be started"), "{program}");
    }
}

#[tokio::test]
async fn portal_that_already_runs_is_used_and_only_new_items_are_counted() {
    let portal = Portal::start().unwrap();
    post(&portal, "/v2.1/track", "", json!([envelope("a")]).to_string().as_bytes()).await;
    let address = portal.address().to_string();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let script = "echo $OTEL_EXPORTER_OTLP_ENDPOINT $NODE_EXTRA_CA_CERTS; cat";
    let (child, line) = run(&["--listen", &address, "--state-folder", state], script);
    assert_eq!(line, format!("http://{address} {state}/certificate.pem"));
    post(&portal, "/v2.1/track", "", json!([envelope("b")]).to_string().as_bytes()).await;
    let (code, errors) = end(child);
    assert_eq!(code, Some(0));
    assert!(errors.contains("already runs") && errors.contains("1 request arrived (0 failed)"), "{errors}");
    assert_eq!(portal.count(requests()).await.unwrap().0, 2);
}

#[test]
fn portal_stays_after_the_program_until_a_signal() {
    let (mut child, line) = run(&["--stay", "--listen", "127.0.0.1:0"], "echo $OTEL_EXPORTER_OTLP_ENDPOINT; exit 3");
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(errors.any(|line| line.contains("Ctrl-C stops the portal")));
    let address: SocketAddr = line.strip_prefix("http://").unwrap().parse().unwrap();
    assert!(std::net::TcpStream::connect(address).is_ok());
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
}
