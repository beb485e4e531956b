//! Runs the servers as programs: they read the environment, stop on signals, and print the report.

use std::io::Read as _;
use std::process::Command;
use std::time::{Duration, Instant};

use opencensus_portal::{Portal, requests};
use test_support::blocking_client::{get, open};
use test_support::process::{Program, Signal};

const PROGRAMS: [&str; 3] = [env!("CARGO_BIN_EXE_actix"), env!("CARGO_BIN_EXE_axum"), env!("CARGO_BIN_EXE_hyper")];
const LIMIT: Duration = Duration::from_secs(10);

fn start(program: &str, variables: &[(&str, &str)]) -> Program {
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0"]).env_clear().env("OPENCENSUS_STORE", "false");
    Program::start(command.envs(variables.iter().copied()))
}

#[test]
fn sigterm_delivers_and_prints_the_report_as_json() {
    for program in PROGRAMS {
        let portal = Portal::start().unwrap();
        let connection_string = portal.connection_string();
        let mut server = start(
            program,
            &[
                ("APPLICATIONINSIGHTS_CONNECTION_STRING", &connection_string),
                ("OTEL_SERVICE_NAME", "shop"),
                ("OPENCENSUS_BLACKLIST_PATHS", "/health,GET /forbidden"),
            ],
        );
        let address =
            server.wait_for_line(|line| line.strip_prefix("listening on http://").map(|text| text.parse().unwrap()));
        for path in ["/users/7", "/health", "/forbidden", "/healthz"] {
            assert!(get(address, path).starts_with("HTTP/1.1 "), "{program} {path}");
        }
        server.signal(Signal::Terminate);
        let (status, output) = server.wait(LIMIT);
        assert!(status.success(), "{output:?}");
        let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!((&report["complete"], &report["stats"]["delivered"]), (&true.into(), &2.into()), "{report}");
        assert_eq!(report["stats"]["blacklisted"], 2);
        let rows = portal.wait_for_blocking_within(requests(), 2, LIMIT).unwrap();
        let names: Vec<_> = rows.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["GET /healthz", "GET /users/{id}"], "{program}");
        assert_eq!(rows[0].role.as_deref(), Some("shop"));
    }
}

#[test]
fn invalid_environment_is_reported_and_ends_the_program() {
    for (variables, words) in [
        (vec![], "APPLICATIONINSIGHTS_CONNECTION_STRING"),
        (vec![("APPLICATIONINSIGHTS_CONNECTION_STRING", "oops")], "part 1"),
        (vec![("OTEL_TRACES_SAMPLER", "sometimes")], "OTEL_TRACES_SAMPLER"),
    ] {
        let (status, output) = start(PROGRAMS[0], &variables).wait(LIMIT);
        assert!(!status.success());
        assert!(output.stderr.contains(words), "{words}: {output:?}");
    }
}

/// Starts a server with an open stream of events and a handler that hangs.
fn start_with_open_requests(
    program: &str,
    portal: &Portal,
    drain_deadline: &str,
) -> (Program, [std::net::TcpStream; 2]) {
    let connection_string = portal.connection_string();
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--drain-deadline", drain_deadline]);
    command.env("OPENCENSUS_STORE", "false").env("APPLICATIONINSIGHTS_CONNECTION_STRING", connection_string);
    let mut server = Program::start(&mut command);
    let address = server.wait_for_address();
    let mut open = ["/events", "/hang"].map(|path| open(address, path));
    open[0].read_exact(&mut [0; 16]).unwrap();
    for _ in 0..50 {
        assert!(get(address, "/users/7").starts_with("HTTP/1.1 200 "), "{program}");
    }
    (server, open)
}

#[test]
fn open_requests_end_with_the_drain_deadline_and_rows_of_the_others_arrive() {
    for program in PROGRAMS {
        for signal in [Signal::Terminate, Signal::Interrupt] {
            let portal = Portal::start().unwrap();
            let (server, _open) = start_with_open_requests(program, &portal, "2");
            let signalled = Instant::now();
            server.signal(signal);
            let (status, output) = server.wait(LIMIT);
            let took = signalled.elapsed();
            assert!(status.success() && took < Duration::from_secs(3), "{program}: {took:?} {output:?}");
            // The handler that hangs ends with the process, and has no row.
            for (name, count) in [("GET /users/{id}", 50), ("GET /events", 1)] {
                let rows = portal.wait_for_blocking_within(requests().named(name), count, LIMIT).unwrap();
                assert_eq!(rows.len(), count, "{program} {signal:?} {name}");
            }
        }
    }
}

#[test]
fn second_signal_ends_the_process_at_once() {
    let [_, axum, hyper] = PROGRAMS;
    for program in [axum, hyper] {
        for (signal, code) in [(Signal::Terminate, 143), (Signal::Interrupt, 130)] {
            let portal = Portal::start().unwrap();
            let (server, _open) = start_with_open_requests(program, &portal, "60");
            server.signal(signal);
            // Signals that arrive together are one.
            std::thread::sleep(Duration::from_millis(500));
            let signalled = Instant::now();
            server.signal(signal);
            let (status, output) = server.wait(LIMIT);
            assert_eq!(status.code(), Some(code), "{program}: {output:?}");
            assert!(signalled.elapsed() < Duration::from_secs(2), "{program}");
        }
    }
}
