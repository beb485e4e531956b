//! Compares what a case did with what Python and Django did.

use std::collections::BTreeMap;

use opencensus_logging::config::{Defaults, InvalidSettings};
use serde_json::{Value, json};
use test_support::vectors::Row;

use super::case_run::{Missing, Run};
use super::rules::events;
use crate::vector_mail::{mail_lines, mail_summary, texts};

impl From<Missing> for Row {
    fn from(missing: Missing) -> Self {
        Self::Skipped(missing.0)
    }
}

pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
    match lines.pop() {
        Some(last) if !last.is_empty() => lines.extend([last, "<NO-NEWLINE>".to_owned()]),
        _ => {}
    }
    lines
}

/// Runs a case and compares it.
pub(super) fn compare(case: &Value, expected: &Value, defaults: Defaults) -> Result<(), Row> {
    let run = Run::new(case);
    let configured = run.configure(case, defaults);
    if let Some(class) = unknown_class(&configured).filter(|_| expected["error"].is_null()) {
        return Err(Row::Skipped(class));
    }
    if expected["error"].is_null() && stream_fault(&configured) {
        return Err(Row::Deliberate("a stream that is none is a fault at start; in Python each record is lost"));
    }
    same_error(&configured, &expected["error"]).map_err(Row::Failed)?;
    let (mut deliveries, mut raised) = (Vec::new(), Vec::new());
    let continues = configured.is_ok() || case["continue_after_error"] == true;
    for event in events(case).filter(|_| continues) {
        raised.push(run.event(event)?);
        deliveries.push(run.deliveries.take(event.get("stop_listener").is_some()));
    }
    same("deliveries", &json!(deliveries), &expected["deliveries"]).map_err(Row::Failed)?;
    same_raised(&raised, &expected["raised"]).map_err(Row::Failed)?;
    same_output(&run, case, expected, defaults).map_err(Row::Failed)?;
    same_stderr(&run, expected)?;
    let files = run.files(&case["file_encoding"])?;
    let mut states = expected["loggers"].as_object().into_iter().flatten();
    let same = same_files(files, &expected["files"])
        .and_then(|()| states.try_for_each(|(name, state)| same_state(&run, name, state)));
    match same {
        Err(_) if configured.is_err() => Err(Row::Deliberate(
            "a configuration with a fault changes nothing; Python keeps what came before the fault",
        )),
        other => other.map_err(Row::Failed),
    }
}

/// Whether the only faults are about streams.
fn stream_fault(configured: &Result<(), InvalidSettings>) -> bool {
    configured.as_ref().is_err_and(|error| error.faults().iter().all(|fault| fault.place().ends_with(".stream")))
}

/// A class or function that the configuration names and the runner does not have.
fn unknown_class(configured: &Result<(), InvalidSettings>) -> Option<String> {
    configured.as_ref().err()?.faults().iter().find_map(|fault| {
        let (name, rest) = fault.found().strip_prefix('`')?.split_once('`')?;
        let is_class =
            ["handler", "formatter", "filter"].iter().any(|kind| rest.contains(&format!("not a {kind} class")));
        let is_function = rest.contains("not a known function");
        (is_class || is_function).then(|| format!("class `{name}`"))
    })
}

fn same_output(run: &Run, case: &Value, expected: &Value, defaults: Defaults) -> Result<(), String> {
    let stdout = without_traceback(lines(&run.stdout.text()));
    let is_mail = stdout.iter().any(|line| line.starts_with("Subject: "));
    // The report of Django 1.8 differs.
    if is_mail && defaults == Defaults::Today {
        same("mail on stdout", &json!(mail_lines(&stdout)), &json!(mail_lines(&texts(&expected["stdout"]))))?;
    } else if !is_mail {
        same("stdout", &json!(stdout), &of_python(&expected["stdout"]))?;
    }
    if defaults == Defaults::Today {
        let mails: Vec<_> = run.outbox.mails().iter().map(|mail| mail_summary(mail, &case["mail_probe"])).collect();
        same("mails", &json!(mails), &json!(expected["mails"].as_array().cloned().unwrap_or_default()))?;
        same_mail_files(run, &expected["mail_files"])?;
    }
    Ok(())
}

fn same_stderr(run: &Run, expected: &Value) -> Result<(), Row> {
    let found = json!(without_traceback(lines(&run.stderr.text())));
    let expected = of_python(&expected["stderr"]);
    match same("stderr", &found, &expected) {
        Err(_) if without_causes(&found) == without_causes(&expected) => {
            Err(Row::Deliberate("the cause in the report of a loss is an error of Rust"))
        }
        other => other.map_err(Row::Failed),
    }
}

/// Lines without the causes in reports of losses.
fn without_causes(lines: &Value) -> Vec<String> {
    let mut in_cause = false;
    let mut kept = texts(lines);
    kept.retain(|line| {
        in_cause &= !line.starts_with("Message: ");
        let keeps = !in_cause;
        in_cause |= line == "--- Logging error ---";
        keeps
    });
    kept
}

fn same_files(files: BTreeMap<String, Vec<String>>, expected: &Value) -> Result<(), String> {
    let files: BTreeMap<_, _> = files.into_iter().map(|(name, lines)| (name, without_traceback(lines))).collect();
    let expected = expected.as_object().into_iter().flatten();
    let expected: BTreeMap<_, _> = expected.map(|(name, lines)| (name.clone(), of_python(lines))).collect();
    same("files", &json!(files), &json!(expected))
}

fn same_state(run: &Run, name: &str, state: &Value) -> Result<(), String> {
    let mut state = state.clone();
    // Python keeps the value as it is, and tests its truth when it is used.
    state["propagate"] = match &state["propagate"] {
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => (number.as_f64() != Some(0.0)).into(),
        Value::Array(list) => (!list.is_empty()).into(),
        Value::Object(table) => (!table.is_empty()).into(),
        other => other.as_str().is_some_and(|text| !text.is_empty()).into(),
    };
    same(name, &run.state(name), &state)
}

fn same_mail_files(run: &Run, expected: &Value) -> Result<(), String> {
    let Some(expected) = expected["mails"].as_array() else { return Ok(()) };
    let entries = std::fs::read_dir(run.folder.path().join("mails")).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    same("mail files", &json!(paths.len()), &json!(expected.len()))?;
    for (path, expected) in paths.iter().zip(expected) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let parts: Vec<_> = name.split('-').map(str::len).collect();
        same("parts of a name", &json!(parts[..2]), &json!([8, 6]))?;
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        same("dashes", &json!(lines.last().map(String::len)), &json!(79))?;
        for (header, key) in [("Subject", "subject"), ("From", "from"), ("To", "to")] {
            let line = format!("{header}: {}", expected[key].as_str().unwrap_or_default());
            same(header, &json!(lines.contains(&line)), &json!(true))?;
        }
    }
    Ok(())
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found}, expected {expected}")) }
}

/// Compares the part that Python names in its first message with the place of a fault.
fn same_error(configured: &Result<(), InvalidSettings>, expected: &Value) -> Result<(), String> {
    let found = configured.as_ref().err();
    let Some(expected) = expected[0]["message"].as_str() else {
        return found.map_or(Ok(()), |error| Err(format!("error: found {error}, expected none")));
    };
    let found = found.ok_or_else(|| format!("error: found none, expected {expected}"))?;
    // Other messages name no part.
    let Some(place) = place(expected) else { return Ok(()) };
    let is_inside = |place: &str, other: &str| {
        place.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let mut places = found.faults().iter().map(opencensus_logging::config::Fault::place);
    if places.any(|found| is_inside(found, &place) || is_inside(&place, found)) {
        Ok(())
    } else {
        Err(format!("error: found {found}, expected {expected}"))
    }
}

/// The place of which a message of Python speaks.
fn place(message: &str) -> Option<String> {
    if message == "Unable to configure root logger" {
        return Some("root".to_owned());
    }
    if message.contains("specify a version") || message.starts_with("Unsupported version") {
        return Some("version".to_owned());
    }
    let (part, name) = message.split_once('\'')?;
    let name = name.split_once('\'').map_or(name, |(name, _)| name);
    let section = match part.trim_end().rsplit(' ').next()? {
        _ if part.starts_with("No handler found") => "handlers".to_owned(),
        kind @ ("handler" | "formatter" | "filter" | "logger") => format!("{kind}s"),
        _ => return None,
    };
    Some(format!("{section}.{}", key(name)))
}

/// A key as places show it.
fn key(name: &str) -> String {
    if name.is_empty() || name.contains(['.', ' ']) { format!("\"{name}\"") } else { name.to_owned() }
}

pub(super) fn places(error: &InvalidSettings) -> String {
    error.faults().iter().map(|fault| format!("Unable to configure {}", fault.place())).collect::<Vec<_>>().join("; ")
}

fn same_raised(found: &[Option<String>], expected: &Value) -> Result<(), String> {
    let expected = expected.as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, found) in found.iter().enumerate() {
        let expected = expected.get(at).and_then(|raised| raised[0]["message"].as_str());
        // `'name'`, or the whole text.
        let part = expected.map(|expected| expected.split('\'').nth(1).unwrap_or(expected));
        match (found, part) {
            (None, None) => {}
            (Some(found), Some(part)) if found.contains(part) => {}
            _ => return Err(format!("raised by event {at}: found {found:?}, expected {expected:?}")),
        }
    }
    Ok(())
}

/// The line between exceptions of a chain. Rust has only direct causes.
const BETWEEN: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];

/// Python's lines without the parts that Rust does not have: the frames of a traceback, and the causes of an exception
/// that is reported as a loss.
fn of_python(lines: &Value) -> Value {
    let lines = texts(lines);
    let frames = ["Traceback (most recent call last):", "  <FRAMES>", "Call stack:"];
    let mut kept: Vec<String> = Vec::new();
    let mut in_report = None;
    for line in without_traceback(lines).into_iter().filter(|line| !frames.contains(&&**line)) {
        if line == "--- Logging error ---" {
            in_report = Some(kept.len() + 1);
        } else if let Some(start) = in_report.filter(|_| line.starts_with("Message: ")) {
            // The last exception, without its type.
            let last = kept.pop().unwrap_or_default();
            kept.truncate(start);
            kept.push(last.split_once(": ").map_or(last.clone(), |(_, text)| text.to_owned()));
            in_report = None;
        }
        let is_other = |text: &str| !text.is_empty() && !text.starts_with(['\'', '"']);
        match line.strip_prefix("Message: ").filter(|text| is_other(text)) {
            // A message is always a text here.
            Some(other) => kept.push(format!("Message: {}", quoted(other))),
            None => kept.push(line),
        }
    }
    json!(kept)
}

/// As Python's `repr` quotes a text.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

fn without_traceback(lines: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut after_between = false;
    for line in lines {
        if BETWEEN.contains(&&*line) {
            kept.pop();
            after_between = true;
        } else if !std::mem::take(&mut after_between) || !line.is_empty() {
            kept.push(line);
        }
    }
    kept
}
