//! Compares Python's dialect with vectors that Python's logging and Django wrote.

mod case_run;
mod compare;
mod rules;

use opencensus_logging::config::Defaults;
use serde_json::Value;
use test_support::vectors::{self, Row};

use self::compare::compare;
use self::rules::{deliberate, missing, undecided};

#[test]
fn vectors_of_python_and_django_match_in_pythons_dialect() {
    let cases = vectors::read_cases("django-logging");
    // Panics of handlers and filters are part of some cases.
    vectors::run_rows("django-logging", &cases, "name", |case| check(case, case["expected"].clone(), Defaults::Today));
}

#[test]
fn django_1_8_defaults_route_records_as_in_django_1_8() {
    let cases = vectors::read_cases("django-logging");
    let of_1_8 = |case: &&Value| case["mode"] == "django" && case["skip_1_8"] != true;
    let cases: Vec<_> = cases.iter().filter(of_1_8).cloned().collect();
    if cases.is_empty() {
        return;
    }
    vectors::run_rows("django-logging (1.8)", &cases, "name", |case| {
        let mut expected = case["expected"].clone();
        for (key, value) in case["expected_django_1_8"].as_object().into_iter().flatten() {
            expected[key] = value.clone();
        }
        check(case, expected, Defaults::Django18)
    });
}

/// The result of one case.
fn check(case: &Value, expected: Value, defaults: Defaults) -> Row {
    if undecided(&expected) {
        return Row::Undecided;
    }
    if let Some(reason) = deliberate(case, &expected) {
        return Row::Deliberate(reason);
    }
    if let Some(kind) = missing(case) {
        return Row::Skipped(kind);
    }
    compare(case, &expected, defaults).map_or_else(|row| row, |()| Row::Passed)
}

#[test]
fn cases_of_others_are_skipped_by_kind_differ_by_rules_or_are_undecided() {
    let case = |change: fn(&mut Value)| {
        let mut case = serde_json::json!({
            "name": "x", "topic": "x", "about": "x", "mode": "python", "settings": {},
            "config": {
                "version": 1,
                "handlers": { "c": { "class": "logging.StreamHandler" } },
                "root": { "handlers": ["c"], "level": "INFO" },
            },
            "events": [{ "logger": "a", "level": "INFO", "message": "m" }],
            "expected": {
                "error": null, "stderr": ["m"], "stdout": [], "deliveries": [["c"]], "files": {}, "mails": [],
            },
        });
        change(&mut case);
        format!("{:?}", check(&case, case["expected"].clone(), Defaults::Today))
    };
    for (change, expected) in [
        ((|_| {}) as fn(&mut Value), "Passed"),
        (|case| case["events"][0] = serde_json::json!({ "freeze": 1 }), "Skipped(\"step `freeze`\")"),
        (|case| case["events"][0]["colour"] = "red".into(), "Skipped(\"part `colour` of a log call\")"),
        (|case| case["mode"] = "flask".into(), "Skipped(\"mode `flask`\")"),
        (|case| case["settings"]["EMAIL_CARRIER"] = "pigeon".into(), "Skipped(\"setting `EMAIL_CARRIER`\")"),
        (|case| case["tz"] = "Mars/Olympus".into(), "Skipped(\"time zone `Mars/Olympus`\")"),
        (
            |case| case["config"]["handlers"]["c"]["class"] = "logging.handlers.NTEventLogHandler".into(),
            "Skipped(\"class `logging.handlers.NTEventLogHandler`\")",
        ),
        (
            |case| case["config"]["handlers"]["c"]["class"] = "corpus_ext.NewHandler".into(),
            "Skipped(\"class `corpus_ext.NewHandler`\")",
        ),
        (|case| case["events"] = serde_json::json!([{ "flush": "nowhere" }]), "Skipped(\"handler `nowhere`\")"),
        (|case| case["events"][0]["exc_info"] = true.into(), "Deliberate("),
        (|case| case["events"][0] = serde_json::json!({ "warn": "old" }), "Deliberate("),
        (|case| case["expected"] = Value::Null, "Undecided"),
        (|case| case["expected"]["stderr"] = serde_json::json!(["other"]), "Failed("),
        (|case| case["expected"]["deliveries"] = serde_json::json!([[]]), "Failed("),
    ] {
        let row = case(change);
        assert!(row.starts_with(expected), "{row}, expected {expected}");
    }
}
