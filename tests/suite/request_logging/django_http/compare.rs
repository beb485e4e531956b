//! Compares what a case logged with what Django logged.

use std::borrow::Cow;

use opencensus_logging::Record;
use opencensus_logging::formatters::message;
use serde_json::{Value, json};

use super::case_run::Outcome;
use crate::request_logging::app::SUSPICIOUS;

/// A record in the form of the cases.
fn to_json(record: &Record) -> Value {
    let suspicion = record.logger.strip_prefix("opencensus.security.");
    let mut keys: Vec<_> = record.fields().iter().map(|(key, _)| key.to_string()).collect();
    keys.sort();
    let exception = record.error.as_ref().map(|error| {
        let link = error.chain().remove(0);
        // The kind of a suspicious operation is its type.
        let type_name = suspicion.map(str::to_owned).or(link.type_name.map(Cow::into_owned));
        json!({ "type": type_name, "message": link.message })
    });
    let mut json = json!({
        "logger": record.logger.replacen("opencensus", "django", 1),
        "level": record.level_name,
        "message": same_page(message(record).unwrap().replacen("(0.000) ", "(<SECONDS>) ", 1)),
        "template": record.message,
        "status_code": record.field("status_code"),
        "has_request": record.field("request").is_some(),
        "extra_keys": keys,
        "exception": exception,
    });
    if record.field("sql").is_some() {
        let extra = ["sql", "params", "alias"].map(|key| (key.to_owned(), record.field(key).cloned().unwrap()));
        json["extra"] = Value::Object(extra.into_iter().collect());
    }
    json
}

/// Compares what happened with what a case expects. A part that the case does not state is not compared.
pub(super) fn compare(case: &Value, outcome: &Outcome) -> Result<(), String> {
    let expected = &case["expected"];
    let from_django: Vec<_> = expected["responses"].as_array().unwrap().iter().map(status_of).collect();
    same("statuses", &json!(outcome.statuses), &json!(from_django))?;
    let records: Vec<_> = outcome.records.iter().map(|record| to_json(record)).collect();
    let from_django: Vec<_> = expected["records"].as_array().unwrap().iter().cloned().map(in_our_form).collect();
    same("records", &json!(records), &json!(from_django))?;
    if let Some(lines) = expected["console"].as_array() {
        compare_console(&outcome.console, lines)?;
    }
    match expected["mails"].as_array() {
        Some(mails) => same("mails", &json!(outcome.mails), &json!(mails.len())),
        None => Ok(()),
    }
}

fn compare_console(console: &str, from_django: &[Value]) -> Result<(), String> {
    let frames = ["Traceback (most recent call last):", "  <FRAMES>"];
    let from_django = from_django.iter().filter_map(Value::as_str).filter(|line| !frames.contains(line));
    let from_django: Vec<_> = from_django.map(same_page).map(short_type).collect();
    let console: Vec<_> = console.lines().map(without_time).map(same_page).map(short_type).collect();
    same("console", &json!(console), &json!(from_django))
}

/// A record of Django with the keys that are compared. The cases contain causes only where Python chains exceptions
/// implicitly. Here `server_time` belongs to the formatter.
fn in_our_form(mut record: Value) -> Value {
    const KEYS: [&str; 9] =
        ["logger", "level", "message", "template", "status_code", "has_request", "extra_keys", "exception", "extra"];
    if let Some(record) = record.as_object_mut() {
        record.retain(|key, _| KEYS.contains(&&**key));
    }
    if let Some(exception) = record["exception"].as_object_mut() {
        exception.remove("cause");
    }
    if let Some(keys) = record["extra_keys"].as_array_mut() {
        keys.retain(|key| key != "server_time");
    }
    record["message"] = same_page(record["message"].as_str().unwrap_or_default().to_owned()).into();
    record
}

pub(super) fn status_of(response: &Value) -> Value {
    let of_line = |line: &str| line.split(' ').nth(1).and_then(|status| status.parse::<u64>().ok());
    response["status_line"].as_str().and_then(of_line).map_or_else(|| response["status"].clone(), Into::into)
}

/// A line with the time as in the cases: `[05/Mar/2024 06:07:08] …`.
fn without_time(line: &str) -> String {
    let is_time = |time: &str| {
        let form = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
        form.len() == 20 && form.starts_with("00/") && form.ends_with("/0000 00:00:00")
    };
    match line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
        Some((time, rest)) if is_time(time) => format!("[<TIME>] {rest}"),
        _ => line.to_owned(),
    }
}

/// Whether a line of the server log, without its length, ends with the status of an error.
fn is_error(line: &str) -> bool {
    let status = line.rsplit_once("\" ").and_then(|(_, status)| status.parse::<u16>().ok());
    status.is_some_and(|status| (400..600).contains(&status))
}

/// Replaces the length of error pages, which differs from Django's.
fn same_page(line: impl Into<String>) -> String {
    let line = line.into();
    match line.rsplit_once(' ') {
        Some((before, length)) if is_error(before) => {
            let is_length = length.parse::<u64>().is_ok();
            format!("{before} {}", if is_length { "<LENGTH>" } else { length })
        }
        _ => line,
    }
}

/// Shortens `django.core.exceptions.BadRequest: x` to `BadRequest: x`, and every kind of suspicious operation to one name.
fn short_type(line: String) -> String {
    match line.split_once(": ") {
        Some((type_name, text)) if !type_name.contains(' ') && type_name.contains(['.', ':']) => {
            let name = type_name.rsplit(['.', ':']).next().unwrap_or_default();
            if SUSPICIOUS.contains(&name) { format!("SuspiciousOperation: {text}") } else { format!("{name}: {text}") }
        }
        _ => line,
    }
}

fn same(name: &str, found: &Value, from_django: &Value) -> Result<(), String> {
    if found == from_django { Ok(()) } else { Err(format!("{name}: found {found}, Django has {from_django}")) }
}
