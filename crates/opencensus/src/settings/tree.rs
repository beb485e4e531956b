//! Reads settings from a tree of values, and writes them as a tree.

use opencensus_settings::checked::{all, fault, inside};
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault, Value, redact};

use crate::settings::builder::{Builder, Row};
use crate::settings::model::Settings;
use crate::settings::{project, table};

/// Reads a tree over the settings of the builder. Returns all faults at once, in the order of the tree.
///
/// The outermost name of OpenCensus for Python, `OPENCENSUS`, may enclose all settings or a part of them. Django's
/// `ALLOWED_HOSTS` and `USE_X_FORWARDED_HOST` may be beside it.
pub(crate) fn read(builder: &mut Builder, value: &Value) -> Checked<()> {
    let Value::Table(entries) = value else { return fault(value.redacted(), "write a table of settings") };
    all(entries.iter().map(|(name, value)| {
        let read = match root(builder, name) {
            Some(Root::Wrapper) => read(builder, value),
            Some(Root::Row(row)) => builder.set(row.path, value),
            Some(Root::Section(section)) => read_section(builder, section, value),
            None => unknown(builder, name, ""),
        };
        inside(&redact::key(name), read)
    }))
}

enum Root {
    Wrapper,
    Row(&'static Row),
    Section(&'static str),
}

fn root(builder: &Builder, name: &str) -> Option<Root> {
    if name.eq_ignore_ascii_case(project::WRAPPER) {
        return Some(Root::Wrapper);
    }
    if let Some(row) = project::path_of(name).and_then(|path| builder.rows().find(|row| row.path == path)) {
        return Some(Root::Row(row));
    }
    if let Some(row) = builder.rows().find(|row| row.section().is_empty() && row.has_name(name)) {
        return Some(Root::Row(row));
    }
    sections(builder).find(|section| section.eq_ignore_ascii_case(name)).map(Root::Section)
}

fn sections(builder: &Builder) -> impl Iterator<Item = &'static str> + use<> {
    builder.rows().map(Row::section).filter(|section| !section.is_empty())
}

fn read_section(builder: &mut Builder, section: &'static str, value: &Value) -> Checked<()> {
    let entries = match value {
        Value::Table(entries) => entries,
        Value::Null => return Ok(()),
        _ => return fault(value.redacted(), format!("write a table: `[{section}]`")),
    };
    all(entries.iter().map(|(name, value)| {
        let row = builder.rows().find(|row| row.section() == section && row.has_name(name));
        let read = match row {
            Some(row) => builder.set(row.path, value),
            None => unknown(builder, name, section),
        };
        inside(&redact::key(name), read)
    }))
}

/// An unknown key is a fault that suggests a known one.
fn unknown(builder: &Builder, name: &str, section: &str) -> Checked<()> {
    Err(vec![Fault::new("an unknown key", remedy(builder, &name.to_ascii_lowercase(), section))])
}

fn remedy(builder: &Builder, name: &str, section: &str) -> String {
    if !cfg!(feature = "azure") && section.is_empty() && name == "azure" {
        return "build with the feature `azure` of `opencensus`".to_owned();
    }
    if !cfg!(feature = "logging") && section.is_empty() && name == "logging" {
        return "build with the feature `logging` of `opencensus`".to_owned();
    }
    // A key of another section, by its exact name.
    if let Some(row) = builder.rows().find(|row| row.section() != section && row.has_name(name)) {
        return match row.section() {
            "" => format!("`{name}` belongs at the top, outside of all sections"),
            other => format!("`{name}` belongs to `[{other}]`"),
        };
    }
    let of_section = builder.rows().filter(|row| row.section() == section);
    let mut known: Vec<&str> = of_section.flat_map(|row| row.aliases.iter().copied().chain([row.name()])).collect();
    if section.is_empty() {
        known.extend(sections(builder));
    }
    known.dedup();
    nearest(name, &known)
}

/// The settings that differ from the defaults.
pub(crate) fn write(settings: &Settings) -> Value {
    let mut root: Vec<(String, Value)> = Vec::new();
    for row in table::ALL.iter().copied().flatten() {
        let Some(value) = (row.write)(settings).map(escaped) else { continue };
        if row.section().is_empty() {
            root.push((row.name().to_owned(), value));
            continue;
        }
        let entry = (row.name().to_owned(), value);
        match root.iter_mut().find(|(name, _)| name == row.section()) {
            Some((_, Value::Table(section))) => section.push(entry),
            _ => root.push((row.section().to_owned(), Value::Table(vec![entry]))),
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
