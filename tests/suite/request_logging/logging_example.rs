//! The logging example behaves as its README describes.

#[path = "../../../examples/logging/src/app.rs"]
mod app;

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

async fn run(configuration: &str) -> Output {
    let (folder, server, stderr) = (tempfile::tempdir().unwrap(), MailServer::start(), Captured::default());
    let variables =
        [("EMAIL_PORT", server.address.port().to_string()), ("LOG_FOLDER", folder.path().to_str().unwrap().to_owned())];
    let lookup = move |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let logging = app::logging().with_stderr(Stream::new(stderr.clone())).with_variables(lookup).build();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/logging/config").join(configuration);
    let settings = Settings::default().with_logging(&logging).with(|s| s.logging.config = Some(file));
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
