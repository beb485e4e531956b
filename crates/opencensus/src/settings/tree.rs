//! A whole tree as settings, and back.

use crate::settings::builder::Builder;
use crate::settings::keys::{self, Key};
use opencensus_settings::Value;
use opencensus_settings::checked::{all, fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};

/// Reads a tree over what the builder holds already. All faults at once, as the tree has them.
///
/// The predecessor's outermost name, `OPENCENSUS`, may be around everything, or around a part.
pub(crate) fn read(builder: &mut Builder, value: &Value) -> Checked<()> {
    let Value::Table(entries) = value else { return fault(value.redacted(), "write a table of settings") };
    all(entries.iter().map(|(name, value)| {
        let read = match of_root(name) {
            Some(Root::Wrapper) => read(builder, value),
            Some(Root::Key(key)) => builder.set(key.path, value),
            Some(Root::Section(section)) => read_section(builder, section, value),
            None => unknown(name, ""),
        };
        inside(&redact::key(name), read)
    }))
}

enum Root {
    Wrapper,
    Key(&'static Key),
    Section(&'static str),
}

fn of_root(name: &str) -> Option<Root> {
    if name.eq_ignore_ascii_case("opencensus") {
        return Some(Root::Wrapper);
    }
    if let Some(key) = keys::ALL.iter().find(|key| key.section().is_empty() && key.is_called(name)) {
        return Some(Root::Key(key));
    }
    sections().find(|section| section.eq_ignore_ascii_case(name)).map(Root::Section)
}

fn sections() -> impl Iterator<Item = &'static str> {
    keys::ALL.iter().map(Key::section).filter(|section| !section.is_empty())
}

fn read_section(builder: &mut Builder, section: &'static str, value: &Value) -> Checked<()> {
    let entries = match value {
        Value::Table(entries) => entries,
        Value::Null => return Ok(()),
        _ => return fault(value.redacted(), format!("write a table: `[{section}]`")),
    };
    all(entries.iter().map(|(name, value)| {
        let key = keys::ALL.iter().find(|key| key.section() == section && key.is_called(name));
        let read = key.map_or_else(|| unknown(name, section), |key| builder.set(key.path, value));
        inside(&redact::key(name), read)
    }))
}

/// An unknown key is a fault with the nearest known one.
fn unknown(name: &str, section: &str) -> Checked<()> {
    Err(vec![Fault::new("an unknown key", remedy(&name.to_ascii_lowercase(), section))])
}

fn remedy(name: &str, section: &str) -> String {
    if !cfg!(feature = "azure") && section.is_empty() && name == "azure" {
        return "build with the feature `azure` of `opencensus`".to_owned();
    }
    if !cfg!(feature = "logging") && section.is_empty() && name == "logging" {
        return "build with the feature `logging` of `opencensus`".to_owned();
    }
    // A key of another section, by its exact name.
    if let Some(key) = keys::ALL.iter().find(|key| key.section() != section && key.is_called(name)) {
        return match key.section() {
            "" => format!("`{name}` stands at the top, outside every section"),
            other => format!("`{name}` belongs to `[{other}]`"),
        };
    }
    let of_section = keys::ALL.iter().filter(|key| key.section() == section);
    let mut known: Vec<&str> = of_section.flat_map(|key| key.aliases.iter().copied().chain([key.name()])).collect();
    if section.is_empty() {
        known.extend(sections());
    }
    known.dedup();
    nearest(name, &known)
}

/// What differs from the defaults, as a tree.
pub(crate) fn write(settings: &crate::settings::Settings) -> Value {
    let mut root: Vec<(String, Value)> = Vec::new();
    for key in keys::ALL {
        let Some(value) = (key.write)(settings).map(escaped) else { continue };
        if key.section().is_empty() {
            root.push((key.name().to_owned(), value));
            continue;
        }
        let entry = (key.name().to_owned(), value);
        match root.iter_mut().find(|(name, _)| name == key.section()) {
            Some((_, Value::Table(section))) => section.push(entry),
            _ => root.push((key.section().to_owned(), Value::Table(vec![entry]))),
        }
    }
    Value::Table(root)
}

fn escaped(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::text(opencensus_settings::interpolation::escape(&text.value)),
        Value::List(items) => Value::List(items.into_iter().map(escaped).collect()),
        Value::Table(entries) => Value::Table(entries.into_iter().map(|(key, value)| (key, escaped(value))).collect()),
        other => other,
    }
}
