//! Reads the value of a key as a test.

use crate::search::field::Field;
use crate::search::test::{Comparison, Test};
use crate::search::word::Part;
use crate::store::ItemKind;

/// Reads a value of this field.
///
/// # Errors
///
/// What is expected instead.
pub(super) fn read(field: &Field, value: &Part) -> Result<Test, String> {
    if !value.quoted && value.text == "*" {
        return Ok(Test::Present);
    }
    let text = value.text.as_str();
    match field {
        Field::Duration => number(text, duration).ok_or_else(|| duration_hint(text)),
        Field::Severity => severity(text).ok_or_else(|| {
            "a severity is one of verbose, information, warning, error and critical, or `>=warning`".to_owned()
        }),
        Field::Kind => kind(text).ok_or_else(kind_hint),
        Field::Success => yes_or_no(text).ok_or_else(|| "`success` is `yes` or `no`".to_owned()),
        Field::Outcome => outcome(text).ok_or_else(|| "`is` is followed by `failed` or `ok`".to_owned()),
        Field::Code => code(value),
        Field::Property(_) => Ok(property(value)),
        _ => Ok(text_test(value)),
    }
}

fn text_test(value: &Part) -> Test {
    let text = value.text.clone();
    if !value.quoted && text.contains('*') { Test::Like(text) } else { Test::Equals(text) }
}

/// A comparison such as `>=5`, or a range such as `5..9`.
fn number(text: &str, read: impl Fn(&str) -> Option<f64>) -> Option<Test> {
    if let Some((comparison, number)) = Comparison::split(text) {
        return Some(Test::Number(comparison, read(number)?));
    }
    let (low, high) = text.split_once("..")?;
    Some(Test::Between(read(low)?, read(high)?))
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn property(value: &Part) -> Test {
    let compared = if value.quoted { None } else { number(&value.text, finite) };
    compared.unwrap_or_else(|| text_test(value))
}

/// A code, a class such as `4xx`, a comparison or a range.
fn code(value: &Part) -> Result<Test, String> {
    if value.quoted {
        return Ok(text_test(value));
    }
    if let [digit @ b'0'..=b'9', b'x' | b'X', b'x' | b'X'] = value.text.as_bytes() {
        let low = f64::from(digit - b'0') * 100.0;
        return Ok(Test::Between(low, low + 99.0));
    }
    let compared = number(&value.text, finite);
    if compared.is_none() && (Comparison::split(&value.text).is_some() || value.text.contains("..")) {
        return Err("a number is expected, as in `status:>=400`, `status:400..499` or `status:4xx`".to_owned());
    }
    Ok(compared.unwrap_or_else(|| text_test(value)))
}

/// Microseconds of `200ms`, `1.5s`, `850µs`, `2m` or `1h`.
fn duration(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let factor = match &text[unit..] {
        "µs" | "μs" | "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" | "min" => 60e6,
        "h" => 3600e6,
        _ => return None,
    };
    finite(&text[..unit]).map(|number| number * factor)
}

fn duration_hint(text: &str) -> String {
    let number = text.trim_start_matches(['<', '>', '=']);
    let with_unit = if finite(number).is_some() { format!("{number}ms") } else { number.to_owned() };
    if duration(&with_unit).is_some() {
        let sign = Comparison::split(text).map_or(">", |(comparison, _)| comparison.sign());
        let lacks = if number == with_unit { "a comparison" } else { "a unit (µs, ms, s, m, h)" };
        return format!("{lacks} is expected, as in `dur:{sign}{with_unit}`");
    }
    "a duration is compared as in `dur:>200ms`, `dur:<=1.5s` or `dur:200ms..1s`".to_owned()
}

fn severity(text: &str) -> Option<Test> {
    let level = |name: &str| {
        let level = match name.to_ascii_lowercase().as_str() {
            "verbose" | "debug" | "0" => 0.0,
            "information" | "info" | "1" => 1.0,
            "warning" | "warn" | "2" => 2.0,
            "error" | "3" => 3.0,
            "critical" | "fatal" | "4" => 4.0,
            _ => return None,
        };
        Some(level)
    };
    number(text, level).or_else(|| Some(Test::Number(Comparison::Equal, level(text)?)))
}

fn kind(text: &str) -> Option<Test> {
    let name = text.to_ascii_lowercase().replace(['-', ' '], "_");
    let kind = match name.as_str() {
        "call" | "calls" | "dependencies" => ItemKind::Dependency,
        "log" | "logs" | "message" => ItemKind::Trace,
        "test" | "tests" => ItemKind::Availability,
        "page" | "pages" | "pageview" => ItemKind::PageView,
        name => ItemKind::from_name(name).or_else(|| ItemKind::from_name(name.strip_suffix('s')?))?,
    };
    Some(Test::Equals(kind.as_str().to_owned()))
}

fn kind_hint() -> String {
    let names: Vec<_> = ItemKind::ALL.iter().map(|kind| kind.as_str()).collect();
    format!("a kind is one of {}", names.join(", "))
}

fn yes_or_no(text: &str) -> Option<Test> {
    let value = match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => 1.0,
        "no" | "false" | "0" => 0.0,
        _ => return None,
    };
    Some(Test::Number(Comparison::Equal, value))
}

fn outcome(text: &str) -> Option<Test> {
    let outcome = match text.to_ascii_lowercase().as_str() {
        "failed" | "failure" | "error" => "failed",
        "ok" | "success" | "succeeded" => "ok",
        _ => return None,
    };
    Some(Test::Equals(outcome.to_owned()))
}
