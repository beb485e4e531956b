//! The report of a record in a mail: the error, and the request.

use opencensus_settings::quote::quoted;
use serde_json::{Map, Value};

use crate::formatters::{Escaping, write_error};
use crate::mail::redaction::{REDACTED, Redactor};
use crate::record::Record;

/// Rules for a report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    pub(super) redactor: Redactor<'a>,
    /// A link to the trace, with the placeholder `{trace_id}`.
    pub(super) trace_link: Option<&'a str>,
    pub(super) escaping: Escaping,
}

/// The report as text, in the order of Django's report.
pub(super) fn text(record: &Record, message: &str, rules: Rules<'_>) -> String {
    let mut out = String::new();
    for line in head(record, message) {
        push_untrusted(&mut out, "", &line, rules);
    }
    out.push('\n');
    let request = request_of(record);
    if let Some(request) = request {
        push_untrusted(&mut out, "Request Method: ", text_of(request, "method").unwrap_or("GET"), rules);
        if let Some(url) = text_of(request, "url") {
            push_untrusted(&mut out, "Request URL: ", &rules.redactor.redact_url(url), rules);
        }
        out.push('\n');
    }
    // Django writes the heading even without an error.
    if record.error.is_some() || record.stack.is_some() || rules.redactor.is_django {
        push_line(&mut out, "Traceback (most recent call last):");
        write_error(&mut out, record, rules.escaping);
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    if let Some(link) = record.error.as_ref().and_then(|error| error.chain().into_iter().next()) {
        let type_name = link.type_name.unwrap_or_default();
        push_untrusted(&mut out, "Exception Type: ", &format!("{type_name}{}", at(request)), rules);
        push_untrusted(&mut out, "Exception Value: ", &link.message, rules);
    }
    match request {
        Some(request) => about_request(&mut out, request, rules),
        None => push_line(&mut out, "Request data not supplied"),
    }
    if let Some(trace) = record.trace.filter(|_| !rules.redactor.is_django) {
        let trace_id = trace.trace_id_hex().to_string();
        push_line(&mut out, &format!("Trace: {trace_id}"));
        if let Some(link) = rules.trace_link {
            push_line(&mut out, &link.replace("{trace_id}", &trace_id));
        }
    }
    out
}

/// The data of the request: the whole request, or the field `request`.
pub(super) fn request_of(record: &Record) -> Option<&Map<String, Value>> {
    let whole = record.request.as_deref().map(|report| report.get().values());
    whole.or_else(|| record.field("request").and_then(Value::as_object))
}

/// The first lines: the type of the error and the path, then the message.
fn head(record: &Record, message: &str) -> [String; 2] {
    let place = at(request_of(record));
    match record.error.as_ref().and_then(|error| error.chain().into_iter().next()) {
        Some(link) => [format!("{}{place}", link.type_name.unwrap_or_default()), link.message],
        None => [format!("Report{place}"), message.to_owned()],
    }
}

fn at(request: Option<&Map<String, Value>>) -> String {
    request.and_then(|request| text_of(request, "path")).map(|path| format!(" at {path}")).unwrap_or_default()
}

/// Route, user, query, form, cookies and headers.
fn about_request(out: &mut String, request: &Map<String, Value>, rules: Rules<'_>) {
    if let Some(route) = text_of(request, "route") {
        push_untrusted(out, "Raised during: ", route, rules);
    }
    push_line(out, "Request information:");
    let user = text_of(request, "user").unwrap_or("[unable to retrieve the current user]");
    push_untrusted(out, "USER: ", user, rules);
    out.push('\n');
    let redactor = rules.redactor;
    let is_secret = |name: &str| redactor.is_secret(name);
    let is_secret_form = |name: &str| {
        let marked = &request.get("sensitive_post_parameters");
        let is_marked = match marked {
            Some(Value::String(all)) => all == "__ALL__",
            Some(Value::Array(names)) => names.iter().any(|marked| marked == name),
            _ => false,
        };
        is_marked || redactor.is_secret_input(name)
    };
    table(out, "GET", "GET data", request.get("get"), |name| redactor.is_secret_input(name), redactor);
    table(out, "POST", "POST data", request.get("post"), is_secret_form, redactor);
    table(out, "FILES", "FILES data", request.get("files"), |_| false, redactor);
    table(out, "COOKIES", "cookie data", request.get("cookies"), is_secret, redactor);
    table(out, "META", "META data", request.get("meta"), is_secret, redactor);
}

/// Writes names and values; as in Python, values are in quotes.
fn table(
    out: &mut String,
    title: &str,
    what: &str,
    values: Option<&Value>,
    is_secret: impl Fn(&str) -> bool,
    redactor: Redactor<'_>,
) {
    let values = pairs(values);
    if values.is_empty() {
        return push_line(out, &format!("{title}: No {what}\n"));
    }
    push_line(out, &format!("{title}:"));
    for (name, value) in values {
        let value = crate::formatters::text_of(value);
        // Some values are URLs, whose queries may contain secrets.
        let value = if is_secret(name) { REDACTED.into() } else { redactor.redact_url(&value) };
        push_line(out, &format!("{} = {}", one_line(name), quoted(&value)));
    }
    out.push('\n');
}

/// The entries of a table: a list of pairs, or an object of a record's field.
fn pairs(table: Option<&Value>) -> Vec<(&str, &Value)> {
    match table {
        Some(Value::Object(table)) => table.iter().map(|(name, value)| (&**name, value)).collect(),
        Some(Value::Array(pairs)) => pairs.iter().filter_map(|pair| Some((pair[0].as_str()?, &pair[1]))).collect(),
        _ => Vec::new(),
    }
}

/// A name that the client chose, without line breaks.
fn one_line(name: &str) -> String {
    let quoted = quoted(name);
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

fn text_of<'a>(request: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    request.get(key).and_then(Value::as_str)
}

/// Appends a line with text of the client or of an error.
fn push_untrusted(out: &mut String, name: &str, text: &str, rules: Rules<'_>) {
    out.push_str(name);
    rules.escaping.push(out, text);
    out.push('\n');
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// The longest report, in bytes: mail servers reject much larger mails.
const LONGEST: usize = 256 << 10;

/// Shortens a report that is too long, and appends the number of bytes that were cut.
pub(super) fn cut(mut report: String) -> String {
    if report.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| report.is_char_boundary(*at)).unwrap_or(0);
        let more = report.len() - end;
        report.truncate(end);
        report.push_str(&format!("\n[{more} more bytes]\n"));
    }
    report
}

/// The report as an HTML page, with all of its text escaped.
pub(super) fn html(text: &str) -> String {
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Report</title></head>\n<body>\n",
    );
    let (before, rest) = text.split_once("Traceback (most recent call last):\n").unwrap_or((text, ""));
    out.push_str(&format!("<pre id=\"summary\">{}</pre>\n", escaped(before)));
    out.push_str(&format!("<div id=\"traceback\"><pre>{}</pre></div>\n</body>\n</html>\n", escaped(rest)));
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_report_is_cut() {
        assert_eq!(cut("x".repeat(LONGEST)).len(), LONGEST);
        let cut = cut("é".repeat(LONGEST));
        assert!(cut.len() < LONGEST + 100 && cut.ends_with(&format!("é\n[{LONGEST} more bytes]\n")), "{}", cut.len());
    }
}
