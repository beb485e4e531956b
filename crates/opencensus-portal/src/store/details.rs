//! The parts of an envelope that have no column.

use std::collections::BTreeMap;

use serde_json::Value;

/// The texts and numbers of an item that are read from its envelope.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub(super) message: Option<String>,
    pub(super) causes: Vec<String>,
    pub(super) severity: Option<String>,
    pub(super) value: Option<f64>,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) measurements: BTreeMap<String, f64>,
}

impl Details {
    /// Reads the text of an envelope. What it lacks, or holds in another form, is absent.
    pub(super) fn of(raw: &str) -> Self {
        let envelope: Value = serde_json::from_str(raw).unwrap_or_default();
        let base = &envelope["data"]["baseData"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let map = |name: &str| base[name].as_object().into_iter().flatten();
        Self {
            message: text(&base["message"]).or_else(|| text(&base["exceptions"][0]["message"])),
            causes: base["exceptions"].as_array().into_iter().flatten().skip(1).filter_map(cause).collect(),
            severity: severity(&base["severityLevel"]),
            value: base["metrics"][0]["value"].as_f64(),
            properties: map("properties").filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect(),
            measurements: map("measurements").filter_map(|(key, value)| Some((key.clone(), value.as_f64()?))).collect(),
        }
    }
}

/// A cause of an exception: its type and its message.
fn cause(exception: &Value) -> Option<String> {
    let texts = [&exception["typeName"], &exception["message"]].into_iter().filter_map(Value::as_str);
    let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join(": "))
}

/// SDKs write the name of the level, or its number.
fn severity(level: &Value) -> Option<String> {
    const LEVELS: [&str; 5] = ["Verbose", "Information", "Warning", "Error", "Critical"];
    let number = level.as_u64().and_then(|number| LEVELS.get(usize::try_from(number).ok()?).copied());
    number.or(level.as_str()).map(str::to_owned)
}
