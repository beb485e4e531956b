//! `opencensus-portal tail` follows what a running portal receives.
#![cfg(unix)]

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use opencensus_portal::{Portal, PortalOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::ChildStdout;
use tokio::time::timeout;

use crate::support::{envelope, post};

fn command(portal: &Portal, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opencensus-portal"));
    command.args(["tail", "--url", &portal.url()]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Prints what has arrived.
async fn once(portal: &Portal, arguments: &[&str]) -> Output {
    let mut command = command(portal, arguments);
    command.arg("--once");
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn lines(portal: &Portal, arguments: &[&str]) -> Vec<String> {
    let output = once(portal, arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A command that follows, and the lines of its output. Dropping it kills the command.
struct Following {
    child: tokio::process::Child,
    output: BufReader<ChildStdout>,
}

impl Following {
    fn start(portal: &Portal, arguments: &[&str]) -> Self {
        let mut command = tokio::process::Command::from(command(portal, arguments));
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.output.read_line(&mut line);
        timeout(Duration::from_secs(30), read).await.expect("no line arrived").unwrap();
        line
    }

    /// Kills the command, and returns its errors.
    async fn errors(mut self) -> String {
        self.child.kill().await.unwrap();
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).await.unwrap();
        errors
    }
}

async fn send(portal: &Portal, items: &[Value]) {
    assert_eq!(post(portal, "/v2.1/track", "", json!(items).to_string().as_bytes()).await.0, 200);
}

fn failed(name: &str) -> Value {
    let mut item = envelope(name);
    item["data"]["baseData"]["success"] = false.into();
    item["data"]["baseData"]["responseCode"] = "500".into();
    item["tags"]["ai.cloud.role"] = "shop".into();
    item
}

fn exception() -> Value {
    let mut item = envelope("");
    item["data"] = json!({"baseType": "ExceptionData", "baseData": {"exceptions": [
        {"typeName": "shop::Error", "message": "no\u{1b}[2J stock"}, {"typeName": "io::Error", "message": "refused"}
    ]}});
    item
}

#[tokio::test]
async fn each_format_prints_all_items_and_no_escape_sequence() {
    let portal = Portal::start().unwrap();
    send(&portal, &[envelope("a"), failed("GET /\u{9b}31m\nb"), exception()]).await;
    let human = lines(&portal, &[]).await;
    assert!(human[0].ends_with("Z request      a  200  1.00 ms"), "{human:?}");
    assert!(human[1].ends_with("Z request      GET /\\u{9b}31m  500 failed  1.00 ms  shop"), "{human:?}");
    assert!(human[2].ends_with("Z exception    shop::Error"), "{human:?}");
    assert_eq!(human[3..], ["    no\\u{1b}[2J stock", "    caused by io::Error: refused"]);
    let parsed: Vec<Value> =
        lines(&portal, &["--format", "json"]).await.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((parsed.len(), &parsed[1]["name"], &parsed[1]["code"]), (3, &json!("GET /\u{9b}31m\nb"), &json!("500")));
    assert_eq!(parsed[1]["envelope"], failed("GET /\u{9b}31m\nb"));
    let logfmt = lines(&portal, &["--format=logfmt"]).await;
    assert_eq!(logfmt.len(), 3);
    assert!(logfmt[1].contains("kind=request name=\"GET /\\u009b31m\\nb\" code=500 success=false"), "{logfmt:?}");
    for format in ["human", "json", "logfmt"] {
        let output = once(&portal, &["--format", format]).await.stdout;
        let text = String::from_utf8(output).unwrap();
        assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{format}: {text:?}");
    }
}

#[tokio::test]
async fn items_are_selected_and_the_newest_or_all_come_first() {
    let portal = Portal::start().unwrap();
    send(&portal, &[envelope("a"), failed("b"), exception()]).await;
    for (arguments, number) in [
        (["--kind", "request"].as_slice(), 2),
        (&["--kind", "request,exception", "--failed"], 2),
        (&["--role", "shop"], 1),
        (&["--name", "a"], 1),
        (&["--q", "REFUSED"], 1),
        (&["--last", "1", "--kind", "request"], 1),
        (&["--last", "0"], 0),
    ] {
        let found = lines(&portal, &[arguments, &["--format", "json"]].concat()).await;
        assert_eq!(found.len(), number, "{arguments:?}: {found:?}");
    }
    send(&portal, &vec![envelope("c"); 600]).await;
    assert_eq!(lines(&portal, &["--since-start", "--kind", "request", "--format", "logfmt"]).await.len(), 602);
    assert_eq!(lines(&portal, &["--format", "logfmt"]).await.len(), 10);
}

#[tokio::test]
async fn new_items_follow_also_from_a_portal_that_starts_again() {
    let portal = Portal::start().unwrap();
    send(&portal, &[envelope("a"), envelope("b"), envelope("c")]).await;
    let mut following = Following::start(&portal, &["--last", "1", "--format", "json"]);
    let line = following.line().await;
    assert!(line.contains("\"name\":\"c\""), "{line}");
    send(&portal, &[envelope("d")]).await;
    let line = following.line().await;
    assert!(line.contains("\"name\":\"d\""), "{line}");
    let address = portal.address();
    drop(portal);
    // Its items are in memory: their ids start again at 1.
    let portal = PortalOptions::default().with_listen(address).start().unwrap();
    for name in ["e", "f"] {
        send(&portal, &[envelope(name)]).await;
    }
    let line = following.line().await;
    assert!(line.contains("\"name\":\"e\""), "{line}");
    let line = following.line().await;
    assert!(line.contains("\"name\":\"f\""), "{line}");
    let errors = following.errors().await;
    assert_eq!(errors.matches("waiting for its return").count(), 1, "{errors}");
}

#[tokio::test]
async fn items_of_a_file_are_not_repeated_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = PortalOptions::default().with_database(folder.path().join("portal.db"));
    let portal = options.clone().start().unwrap();
    send(&portal, &[envelope("a"), envelope("b")]).await;
    let mut following = Following::start(&portal, &["--last", "1", "--format", "json"]);
    following.line().await;
    let address = portal.address();
    drop(portal);
    let portal = options.with_listen(address).start().unwrap();
    send(&portal, &[envelope("c")]).await;
    let line = following.line().await;
    assert!(line.contains("\"name\":\"c\""), "{line}");
}

#[tokio::test]
async fn closed_pipe_ends_it_without_an_error() {
    let portal = Portal::start().unwrap();
    send(&portal, &[envelope("a")]).await;
    let mut following = Following::start(&portal, &[]);
    following.line().await;
    let Following { child, output } = following;
    drop(output);
    send(&portal, &[envelope("b")]).await;
    let output = timeout(Duration::from_secs(30), child.wait_with_output()).await.expect("it goes on").unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}

#[test]
fn portal_that_does_not_run_and_unknown_kinds_are_errors() {
    let portal = Portal::start().unwrap();
    let output = command(&portal, &["--kind", "requests"]).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && errors.contains("page_view_performance"), "{errors}");
    let mut unreachable = command(&portal, &[]);
    drop(portal);
    let output = unreachable.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && errors.contains("start one with `opencensus-portal`"), "{errors}");
}
