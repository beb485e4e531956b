//! Replaces variables and references of a configuration.

use std::cell::Cell;
use std::collections::BTreeSet;

use opencensus_settings::{Checked, Fault};
use opencensus_settings::{interpolation, redact};
use serde_json::Value;

use crate::config::faults::Faults;
use crate::config::place::Place;
use crate::dialect::Dialect;

/// The longest chain of references.
const LONGEST_CHAIN: usize = 32;
/// The most values around a value.
const DEEPEST: usize = 128;
/// The most values of a configuration whose references are replaced.
const MOST_VALUES: usize = 100_000;
/// The most bytes of its texts, and of the values of its variables.
const MOST_BYTES: usize = 8 << 20;
/// Keys of formatters whose `$` does not name a variable.
const FORMATS: [&str; 4] = ["format", "fmt", "datefmt", "style"];

/// A configuration whose variables and references are replaced. What could not be replaced is `null`.
pub(super) struct Resolved {
    pub(super) value: Value,
    /// The sections to which references lead.
    pub(super) referenced: BTreeSet<String>,
}

/// Replaces variables, except in Python's dialect, and references by their values.
pub(super) fn resolve(
    configuration: &Value,
    dialect: Dialect,
    lookup: interpolation::Lookup<'_>,
    faults: &mut Faults,
) -> Resolved {
    let lookup = (dialect == Dialect::Native).then_some(lookup);
    let filled = replace_variables(configuration, lookup, faults);
    let mut references =
        References { root: &filled, faults, chain: Vec::new(), values: 0, bytes: 0, referenced: BTreeSet::new() };
    let value = references.value(&filled, &mut Place::default());
    let (is_bounded, referenced) = (references.is_bounded(), references.referenced);
    Resolved { value: if is_bounded { value } else { Value::Null }, referenced }
}

/// Replaces the variables of a value outside of a configuration.
pub(super) fn resolve_variables(value: &Value, lookup: interpolation::Lookup<'_>) -> Checked<Value> {
    let mut faults = Faults::default();
    let filled = replace_variables(value, Some(lookup), &mut faults);
    faults.into_result(filled)
}

/// Replaces the variables of all texts; without a lookup, there are none.
fn replace_variables(value: &Value, lookup: Option<interpolation::Lookup<'_>>, faults: &mut Faults) -> Value {
    let bytes = Cell::new(0_usize);
    let bounded = |name: &str| {
        if bytes.get() > MOST_BYTES {
            return Some(String::new());
        }
        let value = lookup.and_then(|lookup| lookup(name))?;
        bytes.set(bytes.get().saturating_add(value.len()));
        Some(value)
    };
    let filled = fill(value, &mut Place::default(), lookup.map(|_| &bounded as interpolation::Lookup<'_>), faults);
    if bytes.get() > MOST_BYTES {
        let found = format!("variables with more than {MOST_BYTES} bytes");
        faults.add(Fault::new(found, "use shorter values, or fewer of them"));
    }
    filled
}

fn fill(value: &Value, place: &mut Place, lookup: Option<interpolation::Lookup<'_>>, faults: &mut Faults) -> Value {
    if place.depth() > DEEPEST {
        faults.add(place.at(too_deep()));
        return Value::Null;
    }
    let is_format = |place: &Place| place.matches(&[Some(&["formatters"]), None, Some(&FORMATS)]);
    match (value, lookup) {
        (Value::String(text), Some(lookup)) if !is_format(place) => {
            let filled = interpolation::fill(text, lookup).map(|text| Value::String(text.value));
            let filled = filled.map_err(|faults| faults.into_iter().map(|fault| place.at(fault)).collect());
            faults.keep(filled).unwrap_or_default()
        }
        _ => place.change_each(value, |value, place| fill(value, place, lookup, faults)),
    }
}

/// Replaces references by their values.
struct References<'a> {
    root: &'a Value,
    faults: &'a mut Faults,
    /// The references that lead to the current value.
    chain: Vec<Vec<String>>,
    /// The size of the values so far.
    values: usize,
    bytes: usize,
    referenced: BTreeSet<String>,
}

impl References<'_> {
    fn value(&mut self, value: &Value, place: &mut Place) -> Value {
        if !self.count(value, place) {
            return Value::Null;
        }
        let Some(reference) = value.as_str().and_then(|text| text.strip_prefix("cfg://")) else {
            return place.change_each(value, |value, place| self.value(value, place));
        };
        let steps: Vec<_> = steps(reference).map(str::to_owned).collect();
        if self.chain.contains(&steps) || self.chain.len() == LONGEST_CHAIN {
            self.faults.add(place.at(Fault::new("a reference to itself", "refer to a value")));
            return Value::Null;
        }
        let Some(target) = look_up(self.root, reference) else {
            let found = format!("{}, which does not exist", redact::text(&format!("cfg://{reference}")));
            self.faults.add(place.at(Fault::new(found, "refer to a part of this configuration")));
            return Value::Null;
        };
        if target.is_null() && !self.faults.is_empty() {
            // Its variable is not set.
            self.faults.ignore_at(place.at(Fault::new("", "")).place().to_owned());
        }
        self.referenced.extend(steps.first().cloned());
        self.chain.push(steps);
        let value = self.value(target, place);
        self.chain.pop();
        value
    }

    /// Counts a value. `false`: it must not be used, since the configuration is too large or too deep.
    fn count(&mut self, value: &Value, place: &Place) -> bool {
        let was_bounded = self.is_bounded();
        self.values += 1;
        self.bytes += value.as_str().map_or(0, str::len);
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key.len());
        self.bytes += keys.sum::<usize>();
        if was_bounded && !self.is_bounded() {
            let found = format!("more than {MOST_VALUES} values or {MOST_BYTES} bytes, with the values of `cfg://`");
            self.faults.add(place.at(Fault::new(found, "refer to single values, not to tables around the reference")));
        } else if self.is_bounded() && place.depth() > DEEPEST {
            self.faults.add(place.at(too_deep()));
            return false;
        }
        self.is_bounded()
    }

    fn is_bounded(&self) -> bool {
        self.values <= MOST_VALUES && self.bytes <= MOST_BYTES
    }
}

fn too_deep() -> Fault {
    Fault::new(format!("values inside of more than {DEEPEST} others"), "write fewer levels")
}

/// `handlers.file[0].path`
fn look_up<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    steps(reference).try_fold(root, |value, part| match value {
        Value::Array(values) => values.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

fn steps(reference: &str) -> impl Iterator<Item = &str> {
    let parts = reference.split(['.', '[']).map(|part| part.trim_end_matches(']'));
    parts.filter(|part| !part.is_empty())
}
