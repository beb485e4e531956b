//! Single values of a settings tree.

mod entries;
mod parent_trust;
mod propagators;
mod rate_rules;
mod sampler;

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use opencensus_core::SamplingRate;

use crate::settings::node::Node;
use crate::settings::notation::Argument;
use opencensus_settings::checked::fault;
use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};

pub(crate) use entries::{allowed_hosts, headers, hosts, paths, proxies};
pub(crate) use parent_trust::parent_trust;
pub(crate) use propagators::{by_name as propagator_by_name, propagator_names, propagators};
pub(crate) use rate_rules::rate_rules;
pub(crate) use sampler::{sampler, traces_per_second};

pub(crate) fn boolean(node: &Node) -> Checked<bool> {
    let found = match node {
        Node::Bool(value) => Some(*value),
        Node::Text(text) => opencensus_settings::parse::switch(&text.value),
        _ => None,
    };
    found.map_or_else(|| fault(node.shown(), "write `true` or `false`"), Ok)
}

/// The path of a file.
#[cfg(any(feature = "azure", feature = "logging"))]
pub(crate) fn path(node: &Node, remedy: &str) -> Checked<Option<std::path::PathBuf>> {
    match node {
        Node::Text(text) if !text.value.trim().is_empty() => Ok(Some(text.value.trim().into())),
        _ => fault(node.shown(), remedy),
    }
}

/// A whole number above 0.
pub(crate) fn count(node: &Node) -> Checked<usize> {
    let number = match node {
        Node::Integer(number) => usize::try_from(*number).ok(),
        // `100.0`, as Python may have it.
        Node::Float(number) if number.fract() == 0.0 && (1.0..1e15).contains(number) => Some(*number as usize),
        Node::Text(text) => text.value.trim().replace('_', "").parse().ok(),
        _ => None,
    };
    match number.filter(|number| *number > 0) {
        Some(number) => Ok(number),
        None => fault(node.shown(), "write a whole number above 0"),
    }
}

/// A whole number of bytes above 0, with a unit or without.
pub(crate) fn bytes(node: &Node) -> Checked<usize> {
    let Node::Text(text) = node else { return count(node) };
    let text = text.value.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "kib" => Some(1 << 10),
        "mib" => Some(1 << 20),
        "gib" => Some(1 << 30),
        _ => None,
    };
    let number: Option<usize> = digits.replace('_', "").parse().ok();
    match number.zip(unit).and_then(|(number, unit)| number.checked_mul(unit)).filter(|bytes| *bytes > 0) {
        Some(bytes) => Ok(bytes),
        None => fault(node.shown(), "write a number of bytes above 0, such as `1048576`, `512 KiB` or `1 MiB`"),
    }
}

/// Seconds, or a text such as `1m 30s`.
pub(crate) fn duration(node: &Node) -> Checked<Duration> {
    let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).ok();
    let duration = match node {
        Node::Integer(number) => u64::try_from(*number).ok().map(Duration::from_secs),
        Node::Float(number) => seconds(*number),
        Node::Text(text) => {
            let text = text.value.trim();
            let number = text.parse().ok().and_then(seconds);
            number.or_else(|| humantime::parse_duration(text).ok())
        }
        _ => None,
    };
    match duration {
        Some(duration) => Ok(duration),
        None => fault(node.shown(), "write seconds, or a time such as `500ms`, `2s` or `1m 30s`"),
    }
}

/// A number, as it is or as a text.
fn number<T: FromStr<Err = E> + TryFrom<f64, Error = E>, E: Display>(node: &Node, remedy: &str) -> Checked<T> {
    let number = match node {
        Node::Integer(number) => T::try_from(*number as f64).ok(),
        Node::Float(number) => T::try_from(*number).ok(),
        Node::Text(text) => text.value.parse().ok(),
        _ => None,
    };
    number.map_or_else(|| fault(node.shown(), remedy), Ok)
}

pub(crate) fn rate(node: &Node) -> Checked<SamplingRate> {
    number(node, "a rate is a number between 0 and 1, such as `0.25`")
}

/// One of several words. Letter case does not count, and `-` is `_`.
pub(crate) fn choice<T: Clone>(node: &Node, choices: &[(&str, T)]) -> Checked<T> {
    let Node::Text(text) = node else { return no_choice(node, choices) };
    let word = text.value.trim().to_ascii_lowercase().replace('_', "-");
    match choices.iter().find(|(name, _)| name.replace('_', "-") == word) {
        Some((_, value)) => Ok(value.clone()),
        None => no_choice(node, choices),
    }
}

fn no_choice<T, U>(node: &Node, choices: &[(&str, U)]) -> Checked<T> {
    let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
    let names = match names.split_last() {
        None | Some((_, [])) => names.concat(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
    };
    fault(node.shown(), format!("write {names}"))
}

/// An entry as it is called, and its value.
type Field<'a> = Option<(&'a str, &'a Node)>;

/// The entries of a table by known names, in their order; letter case does not count. Faults: unknown
/// names, and names that are given twice.
fn fields<'a, const N: usize>(
    entries: &'a [(String, Node)],
    known: [&str; N],
    remedy: &str,
) -> ([Field<'a>; N], Vec<Fault>) {
    let (mut found, mut faults) = ([None; N], Vec::new());
    for (key, value) in entries {
        let slot = known.iter().position(|name| key.eq_ignore_ascii_case(name)).map(|at| &mut found[at]);
        let what = match slot {
            Some(slot @ None) => {
                *slot = Some((key.as_str(), value));
                continue;
            }
            Some(_) => "a second value",
            None => "an unknown key",
        };
        faults.push(Fault::new(what, remedy).inside(&redact::key(key)));
    }
    (found, faults)
}

/// Whether an argument is the first one, or has one of these names.
fn fits(argument: &Argument, names: &[&str]) -> bool {
    argument.name.as_deref().is_none_or(|name| names.contains(&name))
}
