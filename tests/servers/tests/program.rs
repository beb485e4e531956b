//! The servers as programs: environment, signals, report.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use opencensus_portal::{Filter, Portal};
use test_support::process::{Program, Signal};

const PROGRAMS: [&str; 3] = [env!("CARGO_BIN_EXE_actix"), env!("CARGO_BIN_EXE_axum"), env!("CARGO_BIN_EXE_hyper")];
const LIMIT: Duration = Duration::from_secs(10);

fn start(program: &str, variables: &[(&str, &str)]) -> Program {
    let mut command = Command::new(program);
    Program::start(command.args(["--listen", "127.0.0.1:0"]).env_clear().envs(variables.iter().copied()))
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
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
        let waited = portal.wait_for_blocking(Filter::requests(), 2, LIMIT).unwrap();
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
        let (status, output) = start(PROGRAMS[0], &variables).wait(LIMIT);
        assert!(!status.success());
        assert!(output.stderr.contains(words), "{words}: {output:?}");
    }
}
