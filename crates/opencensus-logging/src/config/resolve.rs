//! Replaces variables and references of a configuration.

use opencensus_settings::{Checked, Fault};
use opencensus_settings::{interpolation, redact};
use serde_json::{Map, Value};

use crate::dialect::Dialect;

/// The longest chain of references.
const DEEPEST: usize = 32;
/// Keys of formatters whose `$` does not name a variable.
const FORMATS: [&str; 4] = ["format", "fmt", "datefmt", "style"];

/// Replaces variables, except in Python's dialect, and references by their values.
pub(super) fn resolve(configuration: &Value, dialect: Dialect, lookup: interpolation::Lookup<'_>) -> Checked<Value> {
    let filled = match dialect {
        Dialect::Native => resolve_variables(configuration, lookup)?,
        Dialect::Python => configuration.clone(),
    };
    resolve_references(&filled, &filled, 0)
}

/// Replaces variables.
pub(super) fn resolve_variables(value: &Value, lookup: interpolation::Lookup<'_>) -> Checked<Value> {
    resolve_inside(value, &mut Vec::new(), lookup)
}

/// Replaces variables. `path` holds the keys that lead to the value.
fn resolve_inside(value: &Value, path: &mut Vec<String>, lookup: interpolation::Lookup<'_>) -> Checked<Value> {
    match value {
        Value::String(text) if !is_format(path) => interpolation::fill(text, lookup).map(|text| text.value.into()),
        other => each(other, |key, value| {
            path.push(key.to_owned());
            let filled = resolve_inside(value, path, lookup);
            path.pop();
            filled
        }),
    }
}

/// `formatters.NAME.format`
fn is_format(path: &[String]) -> bool {
    matches!(path, [section, _, key] if section == "formatters" && FORMATS.contains(&&**key))
}

fn resolve_references(value: &Value, root: &Value, depth: usize) -> Checked<Value> {
    let reference = value.as_str().and_then(|text| text.strip_prefix("cfg://"));
    let Some(reference) = reference else { return each(value, |_, value| resolve_references(value, root, depth)) };
    if depth > DEEPEST {
        return Err(vec![Fault::new("a reference to itself", "refer to a value")]);
    }
    let target = look_up(root, reference).ok_or_else(|| {
        let found = redact::text(&format!("cfg://{reference}"));
        vec![Fault::new(format!("{found}, which does not exist"), "refer to a part of this configuration")]
    })?;
    resolve_references(target, root, depth + 1)
}

/// `handlers.file[0].path`
fn look_up<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let parts = reference.split(['.', '[']).map(|part| part.trim_end_matches(']'));
    parts.filter(|part| !part.is_empty()).try_fold(root, |value, part| match value {
        Value::Array(values) => values.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// Changes all values inside, or returns all faults with their places.
fn each(value: &Value, mut change: impl FnMut(&str, &Value) -> Checked<Value>) -> Checked<Value> {
    let mut faults = Vec::new();
    let mut keep = |key: &str, place: &str, value: &Value| match change(key, value) {
        Ok(value) => value,
        Err(more) => {
            faults.extend(more.into_iter().map(|fault| fault.inside(place)));
            Value::Null
        }
    };
    let changed = match value {
        Value::Array(values) => {
            values.iter().enumerate().map(|(at, value)| keep("", &format!("[{at}]"), value)).collect()
        }
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), keep(key, &redact::key(key), value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        other => other.clone(),
    };
    if faults.is_empty() { Ok(changed) } else { Err(faults) }
}
