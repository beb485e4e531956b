//! The servers as programs: environment, signals, report.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use opencensus_portal::{Filter, Portal};

const PROGRAMS: [&str; 3] = [env!("CARGO_BIN_EXE_actix"), env!("CARGO_BIN_EXE_axum"), env!("CARGO_BIN_EXE_hyper")];

fn start(program: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(program)
        .args(["--listen", "127.0.0.1:0"])
        .env_clear()
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
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
        let mut messages = BufReader::new(server.stderr.take().unwrap()).lines();
        let line = messages.next().unwrap().unwrap();
        let address = line.strip_prefix("listening on http://").unwrap();
        for path in ["/users/7", "/health", "/forbidden", "/healthz"] {
            assert!(get(address, path).starts_with("HTTP/1.1 "), "{program} {path}");
        }
        let asked = Instant::now();
        let killed = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let output = server.wait_with_output().unwrap();
        assert!(output.status.success() && asked.elapsed() < Duration::from_secs(10));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&report["complete"], &report["stats"]["delivered"]), (&true.into(), &2.into()), "{report}");
        assert_eq!(report["stats"]["blacklisted"], 2);
        let waited = portal.wait_for_blocking(Filter::requests(), 2, Duration::from_secs(10)).unwrap();
        let names: Vec<_> = waited.items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["GET /healthz", "GET /users/{id}"], "{program}");
        assert_eq!(waited.items[0].role.as_deref(), Some("shop"));
    }
}

#[test]
fn invalid_environment_is_reported_and_ends_the_program() {
    for (variables, words) in [
        (vec![], "APPLICATIONINSIGHTS_CONNECTION_STRING"),
        (vec![("APPLICATIONINSIGHTS_CONNECTION_STRING", "oops")], "part 1"),
        (vec![("OTEL_TRACES_SAMPLER", "sometimes")], "OTEL_TRACES_SAMPLER"),
    ] {
        let output = start(PROGRAMS[0], &variables).wait_with_output().unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains(words), "{words}");
    }
}
