//! Requests are logged as in the HTTP cases that were recorded with Django.

mod case_run;
mod compare;
mod rules;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use test_support::vectors::{self, Row};
use tokio::runtime::{Builder, Runtime};

use self::case_run::run;
use self::compare::compare;
use self::rules::{deliberate, missing, undecided};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The result of one case.
fn check(runtime: &Runtime, case: &Value) -> Row {
    if undecided(case) {
        return Row::Undecided;
    }
    if let Some(reason) = deliberate(case) {
        return Row::Deliberate(reason);
    }
    if let Some(kind) = missing(case) {
        return Row::Skipped(kind);
    }
    match compare(case, &runtime.block_on(run(case))) {
        Ok(()) => Row::Passed,
        Err(difference) => Row::Failed(difference),
    }
}

#[test]
fn every_http_case_is_logged_as_in_django() {
    let runtime = runtime();
    let is_case = |case: &Value| case["requests"].is_array();
    let cases: Vec<_> = vectors::read_cases("django-http").into_iter().filter(is_case).collect();
    vectors::run_rows("django-http", &cases, "name", |case| check(&runtime, case));
}

/// A case of one request that passes, with a change.
fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut case = json!({
        "name": "x", "topic": "x", "about": "x", "settings": {}, "requests": [{ "path": "/form/" }],
        "expected": { "responses": [{ "status": 200, "reason": "OK" }], "records": [], "console": [], "mails": [] },
    });
    change(&mut case);
    case
}

#[test]
fn cases_of_others_are_skipped_by_kind_differ_by_rules_or_are_undecided() {
    let runtime = runtime();
    let raw = |raw: &'static str| move |case: &mut Value| case["requests"] = json!([{ "raw": raw }]);
    let path = |path: &'static str| move |case: &mut Value| case["requests"][0]["path"] = path.into();
    let setting = |name: &'static str, value: Value| move |case: &mut Value| case["settings"][name] = value.clone();
    for (case, expected) in [
        (changed(|_| {}), "Passed"),
        (changed(path("/new/")), "Skipped(\"view `/new/`\")"),
        (changed(path("/raise/NewError/")), "Skipped(\"exception `NewError`\")"),
        (changed(path("/template/")), "Skipped(\"Django's templates\")"),
        (changed(path("/status/103/")), "Skipped(\"a final response of 1xx\")"),
        (changed(|case| case["driver"] = "asgi".into()), "Skipped(\"driver `asgi`\")"),
        (changed(|case| case["freeze"] = "now".into()), "Skipped(\"key `freeze`\")"),
        (changed(|case| case["requests"][0]["secure"] = true.into()), "Skipped(\"request key `secure`\")"),
        (changed(setting("NEW_SETTING", 1.into())), "Skipped(\"setting `NEW_SETTING`\")"),
        (changed(setting("SESSION_ENGINE", "x".into())), "Skipped(\"Django's sessions\")"),
        (changed(setting("MIDDLEWARE", json!(["new"]))), "Skipped(\"middleware `new`\")"),
        (changed(setting("ROOT_URLCONF", "urls_new".into())), "Skipped(\"URL configuration `urls_new`\")"),
        (changed(setting("DEBUG_PROPAGATE_EXCEPTIONS", true.into())), "Deliberate("),
        (changed(|case| case["requests"][0]["broken_body"] = true.into()), "Deliberate("),
        (changed(raw("nonsense\r\n\r\n")), "Deliberate("),
        (changed(raw("GET /form/ HTTP/1.0\r\n\r\n")), "Deliberate("),
        (changed(|case| case["expected"] = Value::Null), "Undecided"),
        (changed(|case| case["expected"]["responses"] = json!([])), "Undecided"),
        (changed(|case| case["expected"]["responses"][0]["status"] = 201.into()), "Failed(\"statuses"),
        (changed(|case| case["expected"]["console"] = json!(["line"])), "Failed(\"console"),
        (changed(path("/caught/")), "Failed("),
        // A part that the case does not state is not compared.
        (changed(|case| case["expected"]["console"] = Value::Null), "Passed"),
    ] {
        let row = format!("{:?}", check(&runtime, &case));
        assert!(row.starts_with(expected), "{row}, expected {expected}");
    }
}

/// A record of a request, as Django writes it.
fn record(level: &str, status: u16, template: &str, message: &str) -> Value {
    json!({
        "logger": "django.request", "level": level, "message": message, "template": template, "status_code": status,
        "has_request": true, "extra_keys": ["request", "status_code"], "exception": null,
    })
}

#[test]
fn views_without_a_recorded_case_log_as_django_does() {
    let runtime = runtime();
    let request = |method: &str, path: &str, status: u16, records: Value| {
        let mails = records.as_array().unwrap().iter().filter(|record| record["level"] == "ERROR").count();
        changed(|case| {
            case["requests"] = json!([{ "path": path, "method": method }]);
            case["expected"]["responses"] = json!([{ "status": status }]);
            case["expected"]["records"] = records;
            case["expected"]["mails"] = vec![Value::Null; mails].into();
        })
    };
    let gone = record("WARNING", 410, "Gone: %s", "Gone: /gone/");
    let method = record("WARNING", 405, "Method Not Allowed (%s): %s", "Method Not Allowed (POST): /onlyget/");
    let not_found = record("WARNING", 404, "%s: %s", "Not Found: /sensitive404/");
    let caught = record("ERROR", 500, "%s: %s", "Internal Server Error: /caught/");
    let mut chained = record("ERROR", 500, "%s: %s", "Internal Server Error: /chained/");
    chained["exception"] = json!({ "type": "RuntimeError", "message": "outer" });
    let mut key = record("ERROR", 500, "%s: %s", "Internal Server Error: /raise/KeyError/");
    key["exception"] = json!({ "type": "KeyError", "message": "'x'" });
    let mut code = record("ERROR", 500, "%s: %s", "Internal Server Error: /status/999/");
    code["exception"] =
        json!({ "type": "ValueError", "message": "HTTP status code must be an integer from 100 to 599." });
    for case in [
        request("GET", "/gone/", 410, json!([gone])),
        request("GET", "/onlyget/", 200, json!([])),
        request("POST", "/onlyget/", 405, json!([method])),
        request("GET", "/sensitive404/", 404, json!([not_found])),
        request("GET", "/caught/", 500, json!([caught])),
        request("GET", "/chained/", 500, json!([chained])),
        request("GET", "/raise/KeyError/?msg=x", 500, json!([key])),
        request("GET", "/status/999/", 500, json!([code])),
        request("GET", "/slash", 301, json!([])),
        request("GET", "/host/", 200, json!([])),
        request("GET", "/atomic/", 200, json!([])),
    ] {
        let row = check(&runtime, &case);
        assert!(matches!(row, Row::Passed), "{row:?}: {case}");
    }
}

/// Runs the recorded cases again in another process, with this folder instead of `tests/vectors`.
fn run_set(folder: &Path) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["request_logging::django_http::every_http_case_is_logged_as_in_django", "--exact", "--nocapture"])
        .env("VECTORS_DIR", folder)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn set_of_others_is_one_line_and_fails_for_wrong_rows_alone() {
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join("django-http");
    std::fs::create_dir(&cases).unwrap();
    let write = |name: &str, case: Value| std::fs::write(cases.join(name), case.to_string()).unwrap();
    write("passes.json", changed(|case| case["name"] = "another-name".into()));
    write("view.json", changed(|case| case["requests"][0]["path"] = "/new/".into()));
    write("setting.json", changed(|case| case["settings"]["NEW_SETTING"] = 1.into()));
    write("rule.json", changed(|case| case["requests"] = json!([{ "raw": "nonsense\r\n\r\n" }])));
    write("undecided.json", changed(|case| case["expected"] = Value::Null));
    write("table.json", json!({ "name": "a table", "rows": [] }));
    let (is_success, text) = run_set(folder.path());
    assert!(is_success, "{text}");
    assert!(text.contains("vectors django-http ran=1 deliberate=1 failed=0 skipped=2 undecided=1"), "{text}");
    write(
        "wrong.json",
        changed(|case| {
            case["name"] = "wrong-row".into();
            case["expected"]["responses"][0]["status"] = 404.into();
        }),
    );
    let (is_success, text) = run_set(folder.path());
    assert!(!is_success && text.contains("failed=1") && text.contains("wrong-row: statuses"), "{text}");
}
