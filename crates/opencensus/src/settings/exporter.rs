//! Where telemetry goes: the exporter's name, and the options that the predecessor's has.

use crate::settings::draft::Draft;
use crate::settings::node::Node;
use crate::settings::notation::{self, Argument};
use crate::settings::values;
use opencensus_settings::Checked;
use opencensus_settings::checked::{all, fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;

/// Where telemetry goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ExporterSetting {
    /// To the connection string's endpoint. The default.
    #[default]
    Azure,
    /// To standard output, one line a request: [`ConsoleExporter`](crate::ConsoleExporter).
    Console,
}

const REMEDY: &str = "write `azure`, `console`, or the predecessor's \
     `opencensus.ext.azure.trace_exporter.AzureExporter(connection_string='…')`; \
     other exporters are given in code, to `start_with`";

const AZURE_MODULE: &str = "opencensus.ext.azure.trace_exporter";
const PRINT_MODULES: [&str; 2] = ["opencensus.trace.print_exporter", "opencensus.trace.exporters.print_exporter"];

/// A name, the predecessor's notation, or a table with `kind` and options.
pub(crate) fn read(draft: &mut Draft, node: &Node) -> Checked<()> {
    match node {
        Node::Table(entries) => read_table(draft, entries),
        Node::Text(_) | Node::Call(_) => read_call(draft, node),
        _ => fault(node.shown(), REMEDY),
    }
}

/// Options are read as Azure's where `kind` is wrong, so that all faults come at once.
fn read_table(draft: &mut Draft, entries: &[(String, Node)]) -> Checked<()> {
    let is_kind = |key: &str| key.eq_ignore_ascii_case("kind");
    let kind = match entries.iter().find(|(key, _)| is_kind(key)) {
        Some((key, kind)) => inside(key, kind_of(kind)),
        None => fault("a table without `kind`", "write `kind = \"azure\"` or `kind = \"console\"`"),
    };
    let exporter = *kind.as_ref().unwrap_or(&ExporterSetting::Azure);
    let options = entries.iter().filter(|(key, _)| !is_kind(key)).map(|(name, value)| (name.as_str(), value));
    let set = set(draft, exporter, &options.collect::<Vec<_>>());
    all([kind.map(|_| ()), set].into_iter())
}

fn kind_of(node: &Node) -> Checked<ExporterSetting> {
    values::choice(node, &[("azure", ExporterSetting::Azure), ("console", ExporterSetting::Console)])
}

fn read_call(draft: &mut Draft, node: &Node) -> Checked<()> {
    let Some(call) = node.call() else {
        let is_code = matches!(node, Node::Text(text) if text.value.contains('('));
        return fault(node.shown(), if is_code { notation::REMEDY } else { REMEDY });
    };
    let exporter = match (&*call.module, &*call.name) {
        ("" | AZURE_MODULE, "AzureExporter") => ExporterSetting::Azure,
        (module, "PrintExporter") if module.is_empty() || PRINT_MODULES.contains(&module) => ExporterSetting::Console,
        _ if call.arguments.is_none() => {
            let exporter = kind_of(node).or_else(|_| fault(node.shown(), REMEDY))?;
            return set(draft, exporter, &[]);
        }
        _ => return fault(node.shown(), REMEDY),
    };
    let Some(arguments) = &call.arguments else {
        return fault(node.shown(), format!("write `{}(…)`, with brackets", call.name));
    };
    let named = |argument: &Argument| match &argument.name {
        Some(_) => Ok(()),
        None => fault("an argument without a name", "write `connection_string='…'`"),
    };
    let options = arguments.iter().filter_map(|argument| Some((argument.name.as_deref()?, &argument.value)));
    let set = set(draft, exporter, &options.collect::<Vec<_>>());
    all(arguments.iter().map(named).chain([set]))
}

fn set(draft: &mut Draft, exporter: ExporterSetting, options: &[(&str, &Node)]) -> Checked<()> {
    draft.settings.exporter = exporter;
    // As in the predecessor, the string goes before the key.
    let has_string =
        options.iter().any(|(name, value)| name.eq_ignore_ascii_case("connection_string") && **value != Node::Null);
    all(options.iter().map(|(name, value)| {
        let option = name.to_ascii_lowercase();
        let read = match exporter {
            // What could not be filled in is told already.
            _ if **value == Node::Unfilled => Ok(()),
            ExporterSetting::Azure if has_string && option == "instrumentation_key" => Ok(()),
            ExporterSetting::Azure => azure_option(draft, &option, value),
            ExporterSetting::Console => fault("an option", "the console exporter has none; take it out"),
        };
        inside(&redact::key(name), read)
    }))
}

/// All of them.
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

/// The options of the predecessor's `AzureExporter`, version 1.1.15.
fn azure_option(draft: &mut Draft, option: &str, value: &Node) -> Checked<()> {
    match option {
        "connection_string" => draft.set("azure.connection_string", value),
        "instrumentation_key" => instrumentation_key(draft, value),
        "timeout" => draft.set("azure.timeout", value),
        "export_interval" => draft.set("limits.batch_age", value),
        "grace_period" => draft.set("limits.grace", value),
        "max_batch_size" => draft.set("limits.batch_items", value),
        "queue_capacity" => draft.set("limits.max_items", value),
        "minimum_retry_interval" => draft.set("limits.retry_base", value),
        "storage_retention_period" => draft.set("limits.max_age", value),
        "enable_local_storage" => values::boolean(value).map(|is_on| {
            if is_on {
                draft.note(
                    "`enable_local_storage`: what waits for a retry is kept in memory; there is no disk store yet",
                );
            }
        }),
        "storage_path" | "storage_max_size" | "storage_maintenance_period" => {
            draft.note(format!("`{option}` is not used: what waits for a retry is kept in memory"));
            Ok(())
        }
        "logging_sampling_rate" | "enable_standard_metrics" | "enable_stats_metrics" => {
            draft.note(format!(
                "`{option}` is not used: logs and metrics are those that OpenTelemetry's SDK hands to the pipeline"
            ));
            Ok(())
        }
        "proxies" if is_empty(value) => Ok(()),
        "proxies" => proxies(draft, value),
        "credential" if is_empty(value) => Ok(()),
        "credential" => {
            fault("a credential", "take it out; the connection string's key is the only way to sign in yet")
        }
        _ => fault("an unknown option", nearest(option, &OPTIONS)),
    }
}

/// The proxy for `https`, of a dictionary or a text of JSON, as the predecessor wants it.
fn proxies(draft: &mut Draft, value: &Node) -> Checked<()> {
    let dictionary = match value {
        Node::Text(text) => notation::parse_dictionary(text.value.trim()),
        other => Some(other.clone()),
    };
    let Some(Node::Table(entries)) = dictionary else {
        return fault("proxies that cannot be read", "write `{'https': 'http://proxy.example:3128'}`");
    };
    let of_scheme = |scheme| entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(scheme));
    match of_scheme("https").or_else(|| of_scheme("all")) {
        Some((_, Node::Unfilled)) => Ok(()),
        Some((_, proxy)) => draft.set("azure.proxy", proxy),
        None => {
            draft.note("`proxies` is not used: it names no proxy for `https`");
            Ok(())
        }
    }
}

/// `{}`, or the same as a text of JSON, as the predecessor wants it.
fn is_empty(value: &Node) -> bool {
    match value {
        Node::Null => true,
        Node::Text(text) => text.value.split_whitespace().collect::<String>().trim_matches(['{', '}']).is_empty(),
        Node::Table(entries) => entries.is_empty(),
        _ => false,
    }
}

fn instrumentation_key(draft: &mut Draft, value: &Node) -> Checked<()> {
    match value {
        Node::Null => Ok(()),
        Node::Text(text) => {
            draft.set("azure.connection_string", &Node::text(format!("InstrumentationKey={}", text.value)))
        }
        _ => fault(value.shown(), "write the key as a text"),
    }
}
