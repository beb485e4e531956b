//! Reads the section `resource`: the attributes of the service.

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::{Checked, Value, redact};

use crate::settings::builder::Builder;

/// Reads names and texts. The name of a nested table is a prefix, with a dot.
pub(crate) fn resource(builder: &mut Builder, value: &Value) -> Checked<()> {
    let Value::Table(entries) = value else {
        return fault(value.redacted(), "write a table of names and texts, such as `\"service.name\" = \"shop\"`");
    };
    let mut faults = Vec::new();
    for (name, value) in entries {
        let set = match value {
            _ if name.is_empty() => fault("an empty name", "name the attribute"),
            Value::Table(inner) => resource(builder, &below(name, inner)),
            value => inside(
                &redact::key(name),
                attribute(value).map(|text| builder.settings.resource.set(name.as_str(), text)),
            ),
        };
        faults.extend(set.err().into_iter().flatten());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The entries with the prefix `name.`.
fn below(name: &str, entries: &[(String, Value)]) -> Value {
    Value::Table(entries.iter().map(|(inner, value)| (format!("{name}.{inner}"), value.clone())).collect())
}

fn attribute(value: &Value) -> Checked<String> {
    match value {
        Value::Text(text) => Ok(text.value.clone()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Integer(value) => Ok(value.to_string()),
        Value::Float(value) => Ok(value.to_string()),
        other => fault(other.redacted(), "write a text"),
    }
}
