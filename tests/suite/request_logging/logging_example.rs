//! The logging example behaves as its README describes.

#[path = "../../../examples/logging/src/app.rs"]
mod app;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;

use mail_parser::MessageParser;
use opencensus::{InMemoryExporter, Settings};
use tokio::net::TcpListener;

use crate::support::SettingsExt as _;
use opencensus_logging::handlers::Stream;
use test_support::captured::Captured;
use test_support::smtp::MailServer;
use test_support::{TIMEOUT, client};

/// The output of the example: standard error, the log file, and the subjects of the mails.
struct Output {
    stderr: String,
    log: Option<String>,
    mails: Vec<String>,
}

const CONFIGURATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/logging/config");

async fn run(configuration: &str) -> Output {
    run_file(&Path::new(CONFIGURATIONS).join(configuration), &[], []).await
}

/// Runs the example with a configuration, further settings, and these variables.
async fn run_file<const N: usize>(file: &Path, further: &[&str], variables: [(&str, &str); N]) -> Output {
    let (folder, server, stderr) = (tempfile::tempdir().unwrap(), MailServer::start(), Captured::default());
    let own =
        [("EMAIL_PORT", server.address.port().to_string()), ("LOG_FOLDER", folder.path().to_str().unwrap().to_owned())];
    let given = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let variables: HashMap<_, _> = own.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(given).collect();
    let lookup = move |name: &str| variables.get(name).cloned();
    let logging = app::logging().with_stderr(Stream::new(stderr.clone())).with_variables(lookup).build();
    for file in further {
        logging.setup_file(Path::new(CONFIGURATIONS).join(file)).unwrap();
    }
    let settings = Settings::default().with_logging(&logging).with(|s| s.logging.config = Some(file.to_owned()));
    let telemetry = settings.start_with(InMemoryExporter::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app::app(telemetry, &logging).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, app).into_future());
    client::get(address, "/").await;
    client::get(address, "/nowhere").await;
    client::get(address, "/files/..secret").await;
    let form = "item=chair&password=hunter2";
    let head = "POST /orders?token=hunter2 HTTP/1.1\r\nHost: shop\r\nContent-Type: application/x-www-form-urlencoded";
    let request = format!("{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}", form.len());
    for _ in 0..2 {
        assert!(client::raw(address, &request).await.starts_with("HTTP/1.1 500"));
    }
    assert!(logging.shutdown(TIMEOUT));
    let subject = |data: &[u8]| {
        assert!(!String::from_utf8_lossy(data).contains("hunter2"));
        MessageParser::default().parse(data).unwrap().subject().unwrap().to_owned()
    };
    let mut mails: Vec<_> = server.received().iter().map(|mail| subject(&mail.data)).collect();
    mails.sort();
    Output { stderr: stderr.text(), log: std::fs::read_to_string(folder.path().join("debug.log")).ok(), mails }
}

#[tokio::test]
async fn first_configuration_writes_a_file_and_has_the_defaults_of_django() {
    let output = run("1-file.toml").await;
    let log = output.log.unwrap();
    assert_eq!(log.matches("Not Found: /nowhere\n").count(), 1, "{log}");
    assert_eq!(
        log.matches("Internal Server Error: /orders\nstd::io::Error: the stock list is on fire\n").count(),
        2,
        "{log}"
    );
    assert!(!log.contains("a file outside"), "only the request logger writes to the file: {log}");
    assert!(output.stderr.contains("Internal Server Error: /orders\n"), "{}", output.stderr);
    let expected = [
        "[Django] 1 more records were not mailed one by one",
        "[Django] ERROR (EXTERNAL IP): Internal Server Error: /orders",
        "[Django] ERROR (EXTERNAL IP): a file outside of the shop",
    ];
    assert_eq!(output.mails, expected);
}

#[tokio::test]
async fn second_configuration_writes_everything_to_the_console() {
    let output = run("2-console.toml").await;
    for line in [
        "\"GET / HTTP/1.1\" 200 7\n",
        "Not Found: /nowhere\n",
        "a file outside of the shop\n",
        "Internal Server Error: /orders\n",
        "\"POST /orders?token=REDACTED HTTP/1.1\" 500 21\n",
    ] {
        assert!(output.stderr.contains(line), "{line} in {}", output.stderr);
    }
    assert!(output.mails.is_empty() && output.log.is_none(), "{:?}", output.mails);
}

#[tokio::test]
async fn third_configuration_mails_by_a_custom_filter() {
    let output = run("3-mail.toml").await;
    let expected = [
        "[Shop] 2 more records were not mailed one by one",
        "[Shop] ERROR (EXTERNAL IP): Internal Server Error: /orders",
        "[Shop] ERROR: an order failed",
    ];
    assert_eq!(output.mails, expected, "{}", output.stderr);
    assert!(output.log.is_none());
}

#[tokio::test]
async fn documentations_first_configuration_runs_as_it_stands() {
    let text = std::fs::read_to_string(Path::new(CONFIGURATIONS).join("documentation-file.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = (folder.path().join("documentation-file.json"), folder.path().join("debug.log"));
    // The documentation's folder does not exist here, as on most machines.
    assert!(text.contains("\"/path/to/django/debug.log\""));
    std::fs::write(&file, text.replace("/path/to/django", folder.path().to_str().unwrap())).unwrap();
    run_file(&file, &[], []).await;
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("Not Found: /nowhere\n") && log.contains("Internal Server Error: /orders\n"), "{log}");
    assert!(!log.contains("a file outside"), "only the request logger writes to the file: {log}");

    let logging = app::logging().build();
    let error = logging.setup_file(Path::new(CONFIGURATIONS).join("documentation-file.json")).unwrap_err().to_string();
    let found = "documentation-file.json: `handlers.file.filename`: found a file that cannot be opened";
    assert!(error.starts_with(found), "{error}");
}

#[tokio::test]
async fn documentations_second_configuration_runs_as_it_stands() {
    let file = Path::new(CONFIGURATIONS).join("documentation-console.json");
    let output = run_file(&file, &[], []).await;
    for line in ["Not Found: /nowhere\n", "a file outside of the shop\n", "Internal Server Error: /orders\n"] {
        assert!(output.stderr.contains(line), "{}", output.stderr);
    }
    let quiet = run_file(&file, &[], [("DJANGO_LOG_LEVEL", "ERROR")]).await;
    assert!(!quiet.stderr.contains("Not Found") && quiet.stderr.contains("Internal Server Error"), "{}", quiet.stderr);
}

#[tokio::test]
async fn documentations_third_configuration_runs_as_it_stands() {
    let file = Path::new(CONFIGURATIONS).join("documentation-complex.json");
    let output = run_file(&file, &["mail.toml"], []).await;
    let expected = [
        "[Django] 2 more records were not mailed one by one",
        "[Django] ERROR (EXTERNAL IP): Internal Server Error: /orders",
        "[Django] ERROR: an order failed",
    ];
    assert_eq!(output.mails, expected, "{}", output.stderr);
    assert_eq!(output.log, None);
}
