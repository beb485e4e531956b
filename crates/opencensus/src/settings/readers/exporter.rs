//! Reads the built-in exporter, and the options of `AzureExporter` in OpenCensus for Python.

use opencensus_settings::checked::{all, fault, inside};
use opencensus_settings::suggestion::{nearest, resembling};
use opencensus_settings::{Argument, Checked, Value, python_literal, read, redact};

use crate::settings::builder::Builder;
use crate::settings::exporter_setting::ExporterSetting;

const REMEDY: &str = "write `azure`, `console`, or, as in OpenCensus for Python, \
     `opencensus.ext.azure.trace_exporter.AzureExporter(connection_string='…')`; \
     pass any other exporter to `start_with`, in code";

const AZURE_MODULE: &str = "opencensus.ext.azure.trace_exporter";
const PRINT_MODULES: [&str; 2] = ["opencensus.trace.print_exporter", "opencensus.trace.exporters.print_exporter"];

/// Reads a name, a Python call, or a table with `kind` and options.
pub(crate) fn exporter(builder: &mut Builder, value: &Value) -> Checked<()> {
    match value {
        Value::Table(entries) => read_table(builder, entries),
        Value::Text(_) | Value::Call(_) => read_call(builder, value),
        _ => fault(value.redacted(), REMEDY),
    }
}

/// If `kind` is invalid, the options that Azure's exporter has, or that resemble one, are read, so that all faults are reported at once. Whether
/// others are unknown depends on the kind.
fn read_table(builder: &mut Builder, entries: &[(String, Value)]) -> Checked<()> {
    let is_kind = |key: &str| key.eq_ignore_ascii_case("kind");
    let kind = match entries.iter().find(|(key, _)| is_kind(key)) {
        Some((key, kind)) => inside(key, kind_of(kind)),
        None => fault("a table without `kind`", "write `kind = \"azure\"` or `kind = \"console\"`"),
    };
    let exporter = *kind.as_ref().unwrap_or(&ExporterSetting::Azure);
    let is_known = |key: &str| resembling(&key.to_ascii_lowercase(), &OPTIONS, 0.8).is_some();
    let is_read = |key: &str| !is_kind(key) && (kind.is_ok() || is_known(key));
    let options = entries.iter().filter(|(key, _)| is_read(key)).map(|(name, value)| (name.as_str(), value));
    let set = set_options(builder, exporter, &options.collect::<Vec<_>>());
    all([kind.map(|_| ()), set].into_iter())
}

fn kind_of(value: &Value) -> Checked<ExporterSetting> {
    read::choice(value, &[("azure", ExporterSetting::Azure), ("console", ExporterSetting::Console)])
}

fn read_call(builder: &mut Builder, value: &Value) -> Checked<()> {
    let Some(call) = python_literal::call_of(value) else {
        let is_code = matches!(value, Value::Text(text) if text.value.contains('('));
        return fault(value.redacted(), if is_code { python_literal::REMEDY } else { REMEDY });
    };
    let exporter = match (&*call.module, &*call.name) {
        ("" | AZURE_MODULE, "AzureExporter") => ExporterSetting::Azure,
        (module, "PrintExporter") if module.is_empty() || PRINT_MODULES.contains(&module) => ExporterSetting::Console,
        _ if call.arguments.is_none() => {
            let exporter = kind_of(value).or_else(|_| fault(value.redacted(), REMEDY))?;
            return set_options(builder, exporter, &[]);
        }
        _ => return fault(value.redacted(), REMEDY),
    };
    let Some(arguments) = &call.arguments else {
        return fault(value.redacted(), format!("write `{}(…)`, with brackets", call.name));
    };
    let named = |argument: &Argument| match &argument.name {
        Some(_) => Ok(()),
        None => fault("an argument without a name", "write `connection_string='…'`"),
    };
    let options = arguments.iter().filter_map(|argument| Some((argument.name.as_deref()?, &argument.value)));
    let set = set_options(builder, exporter, &options.collect::<Vec<_>>());
    all(arguments.iter().map(named).chain([set]))
}

fn set_options(builder: &mut Builder, exporter: ExporterSetting, options: &[(&str, &Value)]) -> Checked<()> {
    builder.settings.trace.exporter = exporter;
    // As in OpenCensus for Python, the connection string takes precedence over the key.
    let has_string =
        options.iter().any(|(name, value)| name.eq_ignore_ascii_case("connection_string") && **value != Value::Null);
    all(options.iter().map(|(name, value)| {
        let option = name.to_ascii_lowercase();
        let read = match exporter {
            // The fault of an unresolved variable is reported already.
            _ if **value == Value::Unresolved => Ok(()),
            ExporterSetting::Azure if has_string && option == "instrumentation_key" => Ok(()),
            ExporterSetting::Azure => azure_option(builder, &option, value),
            ExporterSetting::Console => fault("an option", "remove it; the console exporter has no options"),
        };
        inside(&redact::key(name), read)
    }))
}

/// The known options, for suggestions.
const OPTIONS: [&str; 17] = [
    "connection_string",
    "instrumentation_key",
    "timeout",
    "export_interval",
    "grace_period",
    "max_batch_size",
    "queue_capacity",
    "minimum_retry_interval",
    "storage_retention_period",
    "enable_local_storage",
    "storage_path",
    "storage_max_size",
    "storage_maintenance_period",
    "logging_sampling_rate",
    "enable_standard_metrics",
    "proxies",
    "credential",
];

/// Reads an option of `AzureExporter` in OpenCensus for Python, version 1.1.15.
fn azure_option(builder: &mut Builder, option: &str, value: &Value) -> Checked<()> {
    match option {
        "connection_string" => builder.set("azure.connection_string", value),
        "instrumentation_key" => instrumentation_key(builder, value),
        "timeout" => builder.set("azure.timeout", value),
        "export_interval" => builder.set("limits.batch_age", value),
        "grace_period" => builder.set("limits.grace", value),
        "max_batch_size" => builder.set("limits.batch_items", value),
        "queue_capacity" => builder.set("limits.max_items", value),
        "minimum_retry_interval" => builder.set("limits.retry_base", value),
        "enable_local_storage" => builder.set("store.enabled", value),
        "storage_path" => builder.set("store.path", value),
        "storage_max_size" => builder.set("store.max_bytes", value),
        "storage_retention_period" => builder.set("store.retention", value),
        "storage_maintenance_period" => {
            builder.note("`storage_maintenance_period` is ignored: the store needs no maintenance");
            Ok(())
        }
        "logging_sampling_rate" | "enable_standard_metrics" | "enable_stats_metrics" => {
            builder.note(format!(
                "`{option}` is ignored: logs and metrics are those that OpenTelemetry's SDK passes to the pipeline"
            ));
            Ok(())
        }
        "proxies" if is_empty(value) => Ok(()),
        "proxies" => proxies(builder, value),
        "credential" if is_empty(value) => Ok(()),
        "credential" => {
            fault("a credential", "remove it; the key of the connection string is the only supported credential")
        }
        _ => fault("an unknown option", nearest(option, &OPTIONS)),
    }
}

/// Reads the proxy for `https` from a dictionary, or from a text with JSON, as OpenCensus for Python does.
fn proxies(builder: &mut Builder, value: &Value) -> Checked<()> {
    let dictionary = match value {
        Value::Text(text) => python_literal::parse_dictionary(text.value.trim()),
        other => Some(other.clone()),
    };
    let Some(Value::Table(entries)) = dictionary else {
        return fault("proxies that cannot be read", "write `{'https': 'http://proxy.example:3128'}`");
    };
    let of_scheme = |scheme| entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(scheme));
    match of_scheme("https").or_else(|| of_scheme("all")) {
        Some((_, Value::Unresolved)) => Ok(()),
        Some((_, proxy)) => builder.set("azure.proxy", proxy),
        None => {
            builder.note("`proxies` is ignored: it has no proxy for `https`");
            Ok(())
        }
    }
}

/// Whether a value is `None`, `{}` or an empty text.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.value.split_whitespace().collect::<String>().trim_matches(['{', '}']).is_empty(),
        Value::Table(entries) => entries.is_empty(),
        _ => false,
    }
}

fn instrumentation_key(builder: &mut Builder, value: &Value) -> Checked<()> {
    match value {
        Value::Null => Ok(()),
        Value::Text(text) => {
            builder.set("azure.connection_string", &Value::text(format!("InstrumentationKey={}", text.value)))
        }
        _ => fault(value.redacted(), "write the key as a text"),
    }
}
