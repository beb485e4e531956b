//! Formats rows as text, and compares them with the requests that were sent.

use std::fmt::Write as _;

use opencensus_portal::Item;

use crate::traffic::Kind;

pub(crate) const HEAD: &str = "result  duration     name                  url";

pub(crate) fn row(item: &Item) -> String {
    format!(
        "{} {:<4}  {:>8.2} ms  {:<20}  {}",
        if item.success == Some(false) { "✗" } else { "✓" },
        item.code.as_deref().unwrap_or("-"),
        item.duration.unwrap_or(0) as f64 / 1000.0,
        printable(&item.name),
        printable(item.url.as_deref().unwrap_or("-")),
    )
}

/// Replaces control characters: a client could send commands to the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '�' } else { c }).collect()
}

/// The numbers of requests sent and of rows received, by kind.
pub(crate) fn summary(items: &[Item], sent: &[Kind]) -> String {
    let mut text = String::from("name                  result   sent  received");
    for kind in Kind::ALL {
        let count = sent.iter().filter(|other| **other == kind).count();
        let (name, code) = kind.row().map_or(("GET /health (hidden)", "-"), |(name, code, _)| (name, code));
        let _ = write!(text, "\n{name:<20}  {code:<6}  {count:>5}  {:>8}", received(items, kind));
    }
    text
}

/// The differences from the expected rows.
pub(crate) fn faults(items: &[Item], sent: &[Kind]) -> Vec<String> {
    let mut faults = Vec::new();
    for kind in Kind::ALL {
        let expected = if kind.row().is_some() { sent.iter().filter(|other| **other == kind).count() } else { 0 };
        let received = received(items, kind);
        if received != expected {
            faults.push(format!("{kind:?}: expected {expected} rows, received {received}"));
        }
    }
    let expected = sent.iter().filter(|kind| kind.row().is_some()).count();
    if items.len() != expected {
        faults.push(format!("expected {expected} rows in total, received {}", items.len()));
    }
    if items.iter().any(|item| item.raw.contains("hush")) {
        faults.push("a secret in a query was not redacted".to_owned());
    }
    faults
}

fn received(items: &[Item], kind: Kind) -> usize {
    let is_kind = |item: &&Item| match kind.row() {
        Some((name, code, success)) => {
            item.name == name && item.code.as_deref() == Some(code) && item.success == Some(success)
        }
        None => item.url.as_deref().is_some_and(|url| url.ends_with("/health")),
    };
    items.iter().filter(is_kind).count()
}
