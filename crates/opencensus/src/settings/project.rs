//! Files that hold the settings of a whole Django project, with those of telemetry below `OPENCENSUS`.

use opencensus_settings::Value;
use opencensus_settings::suggestion::resembling;

use crate::settings::builder::Row;

/// The name below which a project keeps the settings of telemetry.
pub(super) const WRAPPER: &str = "opencensus";

/// Settings of Django that mean the same here, and their rows.
const SHARED: [(&str, &str); 2] =
    [("ALLOWED_HOSTS", "security.allowed_hosts"), ("USE_X_FORWARDED_HOST", "security.use_x_forwarded_host")];

/// How much a name must resemble one of telemetry to be taken for a typing error.
const TYPING_ERROR: f64 = 0.8;

/// The path of the row that Django's name means.
pub(super) fn path_of(name: &str) -> Option<&'static str> {
    SHARED.into_iter().find(|(shared, _)| *shared == name).map(|(_, path)| path)
}

/// Removes the project's own settings, such as `DATABASES`: names in upper case beside `OPENCENSUS` that neither are
/// nor resemble names of telemetry. Their references are not resolved. `LOGGING` is for the logging system.
pub(super) fn without_project(value: Value, rows: &[&'static Row]) -> Value {
    match value {
        Value::Table(entries) if entries.iter().any(|(name, _)| name.eq_ignore_ascii_case(WRAPPER)) => {
            Value::Table(entries.into_iter().filter(|(name, value)| !is_of_project(name, value, rows)).collect())
        }
        other => other,
    }
}

fn is_of_project(name: &str, value: &Value, rows: &[&'static Row]) -> bool {
    let is_constant = !name.contains(|c: char| c.is_lowercase());
    if !is_constant || path_of(name).is_some() {
        return false;
    }
    if name == "LOGGING" {
        return matches!(value, Value::Null) || matches!(value, Value::Table(entries) if has_version(entries));
    }
    let roots = rows.iter().map(|row| if row.section().is_empty() { row.name() } else { row.section() });
    let known: Vec<_> = roots.chain([WRAPPER]).collect();
    resembling(&name.to_ascii_lowercase(), &known, TYPING_ERROR).is_none()
}

/// Whether the table is a configuration of Python's logging.
fn has_version(entries: &[(String, Value)]) -> bool {
    entries.iter().any(|(name, _)| name == "version")
}
