//! `opencensus-portal export` and `import` move items between portals and files.
#![cfg(unix)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use opencensus_portal::{Portal, PortalOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::{envelope, get, get_json, post};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Runs the program without blocking the test's portals.
async fn run(arguments: &[&str], input: Option<Vec<u8>>) -> Output {
    run_with_token("", arguments, input).await
}

/// Runs the program with the token of a portal.
async fn run_with_token(token: &str, arguments: &[&str], input: Option<Vec<u8>>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opencensus-portal"));
    command.env("OPENCENSUS_PORTAL_TOKEN", token);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = move || {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(&input.unwrap_or_default());
        drop(stdin);
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[track_caller]
fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn item(base_type: &str, base: Value, id: &str, parent: Option<&str>) -> Value {
    let mut item = envelope("");
    item["tags"] = json!({"ai.operation.id": TRACE, "ai.operation.parentId": parent, "ai.cloud.role": "shop"});
    item["data"] = json!({"baseType": base_type, "baseData": base});
    if !id.is_empty() {
        item["data"]["baseData"]["id"] = id.into();
    }
    item
}

/// A transaction with items of all signals, of which one stands for four.
fn items() -> Vec<Value> {
    let (root, call) = ("00f067aa0ba902b7", "b7ad6b7169203331");
    let request = json!({"name": "GET /é", "duration": "00:00:01", "responseCode": "500", "success": false,
        "properties": {"tenant": "a\nb"}});
    let mut request = item("RequestData", request, root, None);
    request["sampleRate"] = 25.into();
    let dependency = json!({"name": "SELECT", "type": "SQL", "target": "db", "data": "SELECT 1", "duration": "00:00:00.5",
        "resultCode": "200", "success": true});
    let test =
        json!({"name": "home", "duration": "00:00:01", "success": false, "runLocation": "Oslo", "message": "down"});
    let mut metric = item("MetricData", json!({"metrics": [{"name": "queue", "value": 7}]}), "", None);
    metric["tags"]["ai.operation.id"] = Value::Null;
    vec![
        request,
        item("RemoteDependencyData", dependency, call, Some(root)),
        item(
            "ExceptionData",
            json!({"exceptions": [{"typeName": "E", "message": "m", "stack": "at x"}]}),
            "",
            Some(root),
        ),
        item("MessageData", json!({"message": "log", "severityLevel": 2}), "", Some(call)),
        item("EventData", json!({"name": "sold", "measurements": {"price": 2.5}}), "", Some(root)),
        item("AvailabilityData", test, "7", None),
        metric,
    ]
}

/// What a portal has, without what it assigns itself.
async fn content(portal: &Portal, run: &str) -> (Vec<Value>, Value, Value) {
    let mut items = get_json(portal, &format!("/api/v1/items?order=oldest&run={run}")).await["items"].take();
    let mut transaction = get_json(portal, &format!("/api/v1/transactions/{TRACE}")).await;
    let strip = |items: &mut Value| {
        for item in items.as_array_mut().unwrap() {
            for name in ["id", "run", "received"] {
                item.as_object_mut().unwrap().remove(name);
            }
        }
    };
    strip(&mut items);
    strip(&mut transaction["items"]);
    let Value::Array(items) = items else { panic!("{items}") };
    (items, transaction, get_json(portal, &format!("/api/v1/count?run={run}")).await)
}

#[tokio::test]
async fn exported_items_are_the_same_in_another_portal() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Portal::start().unwrap(), Portal::start().unwrap());
    // On several lines, which an export joins.
    let body = serde_json::to_string_pretty(&items()).unwrap();
    assert_eq!(post(&first, "/v2.1/track", "", body.as_bytes()).await.0, 200);
    for name in ["items.jsonl", "items.jsonl.gz"] {
        let file = folder.path().join(name);
        let file = file.to_str().unwrap();
        text(run(&["export", "--url", &first.url(), "-o", file], None).await);
        let imported = text(run_with_token(second.token(), &["import", "--url", &second.url(), file], None).await);
        let run = get_json(&second, "/api/v1/items?limit=1").await["items"][0]["run"].clone();
        assert_eq!(imported, format!("7 items imported as run {run}, 0 lines refused\n"));
        let (items, _, count) = content(&second, &run.to_string()).await;
        assert_eq!((items, count), (content(&first, "all").await.0, json!({"count": 7, "weighted": 10.0})));
    }
    let gzip = std::fs::read(folder.path().join("items.jsonl.gz")).unwrap();
    let third = Portal::start().unwrap();
    text(run_with_token(third.token(), &["import", "--url", &third.url(), "--name", "x", "-"], Some(gzip)).await);
    assert_eq!(content(&third, "all").await, content(&first, "all").await);
    let plain = std::fs::read_to_string(folder.path().join("items.jsonl")).unwrap();
    let metadata: Value = serde_json::from_str(plain.lines().next().unwrap()).unwrap();
    assert_eq!((&metadata["opencensus_portal_export"], plain.lines().count()), (&json!(1), 8));
}

#[tokio::test]
async fn token_of_a_running_program_is_in_its_state_folder_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let serve = tokio::process::Command::new(env!("CARGO_BIN_EXE_opencensus-portal"))
        .args(["--listen", "127.0.0.1:0", "--state-folder", state])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut serve = serve.unwrap();
    let mut lines = BufReader::new(serve.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    let import = ["import", "--url", &url, "--state-folder", state, "-"];
    let line = json!(items()[1]).to_string().into_bytes();
    assert_eq!(text(run(&import, Some(line.clone())).await), "1 items imported as run 2, 0 lines refused\n");
    let other = run(&["import", "--url", &url, "--state-folder", "nonexistent", "-"], Some(line)).await;
    assert!(String::from_utf8(other.stderr).unwrap().contains("the token of the portal at"));
    let killed = Command::new("kill").args(["-TERM", &serve.id().unwrap().to_string()]).status().unwrap();
    assert!(killed.success() && serve.wait().await.unwrap().success());
    let files = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.starts_with("token")), "{names:?}");
}

#[tokio::test]
async fn items_are_selected_for_export_and_otlp_has_a_line_per_signal() {
    let portal = Portal::start().unwrap();
    let body = serde_json::to_string(&items()).unwrap();
    assert_eq!(post(&portal, "/v2.1/track", "", body.as_bytes()).await.0, 200);
    let url = portal.url();
    for (arguments, lines) in [
        (["--kind", "request,event"].as_slice(), 3),
        (&["--failed"], 4),
        (&["--q", "SELECT 1"], 2),
        (&["--role", "cart"], 1),
        (&["--run", "current", "--name", "sold"], 2),
    ] {
        let text = text(run(&[&["export", "--url", &url], arguments].concat(), None).await);
        assert_eq!(text.lines().count(), lines, "{arguments:?}: {text}");
    }
    let otlp = text(run(&["export", "--url", &url, "--format", "otlp-json"], None).await);
    let lines: Vec<Value> = otlp.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spans = &lines[0]["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!((&spans[0]["name"], &spans[1]["parentSpanId"]), (&json!("GET /é"), &spans[0]["spanId"]));
    let records = lines[1]["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap();
    assert_eq!((lines.len(), records.len()), (3, 4));
    let output = run(&["export", "--url", &url, "--format", "xml"], None).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for (query, name) in [("", "portal.jsonl"), ("?run=1&format=otlp-json", "portal-run-1.otlp.jsonl")] {
        let response = get(&portal, &format!("/api/v1/export{query}")).await;
        assert!(response.contains(&format!("content-disposition: attachment; filename=\"{name}\"")), "{response}");
    }
    let second = Portal::start().unwrap();
    for (line, path) in otlp.lines().zip(["/v1/traces", "/v1/logs", "/v1/metrics"]) {
        let (status, response) = post(&second, path, "content-type: application/json\r\n", line.as_bytes()).await;
        assert_eq!((status, response), (200, json!({})), "{path}");
    }
    let summary = async |portal: &Portal| {
        let (items, ..) = content(portal, "all").await;
        let fields =
            "kind name time duration operation_id item_id parent_id code success role sample_rate message value";
        let mut items: Vec<_> =
            items.iter().map(|item| fields.split(' ').map(|field| item[field].clone()).collect::<Vec<_>>()).collect();
        items.sort_by_key(|item| item[0].to_string());
        items
    };
    assert_eq!(summary(&second).await, summary(&portal).await);
}

#[tokio::test]
async fn databases_without_a_running_portal_are_exported_and_imported() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first.db"), folder.path().join("second.db"));
    let portal = PortalOptions::default().with_database(&first).start().unwrap();
    assert_eq!(post(&portal, "/v2.1/track", "", json!(items()).to_string().as_bytes()).await.0, 200);
    drop(portal);
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    let exported = text(run(&["export", "--db", first, "--run", "1"], None).await);
    assert_eq!(exported.lines().count(), 8);
    assert!(
        exported.starts_with("{\"opencensus_portal_export\":1,") && exported.contains("\"run\":{\"id\":1,"),
        "{exported}"
    );
    let imported = text(run(&["import", "--db", second, "-"], Some(exported.into_bytes())).await);
    assert!(imported.starts_with("7 items imported as run "), "{imported}");
    let portal = PortalOptions::default().with_database(second).start().unwrap();
    assert_eq!(content(&portal, "all").await.2, json!({"count": 7, "weighted": 10.0}));
    let runs = get_json(&portal, "/api/v1/runs").await;
    assert_eq!(runs["runs"].as_array().unwrap().len(), 2, "the command leaves no run: {runs}");
    let missing = run(&["export", "--db", "nonexistent.db"], None).await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("there is no database `nonexistent.db`"));
}

#[tokio::test]
async fn refused_lines_are_reported_with_their_numbers() {
    let portal = Portal::start().unwrap();
    let mut old = envelope("old");
    old["time"] = "2019-01-01T00:00:00Z".into();
    let file = format!("{old}\nno json \u{1b}[2J\n\n{}\n", json!({"name": "n"}));
    let output =
        run_with_token(portal.token(), &["import", "--url", &portal.url(), "-"], Some(file.into_bytes())).await;
    let (output, errors, code) = (output.stdout, String::from_utf8(output.stderr).unwrap(), output.status.code());
    assert!(String::from_utf8(output).unwrap().ends_with("1 items imported as run 2, 2 lines refused\n"));
    assert_eq!(code, Some(1));
    assert!(errors.contains("line 2: 100: not JSON") && errors.contains("line 4: 109: Field"), "{errors}");
    let newer = b"{\"opencensus_portal_export\":2}".to_vec();
    let output = run_with_token(portal.token(), &["import", "--url", &portal.url(), "-"], Some(newer)).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("a later version of the portal wrote the file"));
    let mut broken = crate::support::gzip(b"text");
    broken.truncate(12);
    let output = run_with_token(portal.token(), &["import", "--url", &portal.url(), "-"], Some(broken)).await;
    assert!(String::from_utf8(output.stderr).unwrap().contains("not whole or not gzip"));
}
