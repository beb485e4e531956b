//! Where telemetry goes: the exporter's name, and the options that the predecessor's has.

use crate::settings::draft::Draft;
use crate::settings::fault::{Checked, Fault, fault, inside, nearest};
use crate::settings::node::Node;
use crate::settings::{notation, values};

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
        Node::Text(text) => read_text(draft, node, &text.value),
        Node::Table(entries) => {
            let Some((key, kind)) = entries.iter().find(|(key, _)| key.eq_ignore_ascii_case("kind")) else {
                return fault("a table without `kind`", "write `kind = \"azure\"` or `kind = \"console\"`");
            };
            let exporter = inside(key, kind_of(kind))?;
            let options = entries.iter().filter(|(other, _)| other != key);
            set(draft, exporter, options.map(|(name, value)| (name.as_str(), value)))
        }
        _ => fault(node.shown(), REMEDY),
    }
}

fn kind_of(node: &Node) -> Checked<ExporterSetting> {
    values::choice(node, &[("azure", ExporterSetting::Azure), ("console", ExporterSetting::Console)])
}

fn read_text(draft: &mut Draft, node: &Node, text: &str) -> Checked<()> {
    let Some(call) = notation::parse(text) else {
        let remedy = if text.contains('(') { notation::REMEDY } else { REMEDY };
        return fault("a text that is no exporter", remedy);
    };
    let exporter = match (&*call.module, &*call.name) {
        ("" | AZURE_MODULE, "AzureExporter") => ExporterSetting::Azure,
        (module, "PrintExporter") if module.is_empty() || PRINT_MODULES.contains(&module) => ExporterSetting::Console,
        _ if call.arguments.is_none() => return short_name(draft, node),
        _ => return fault(node.shown(), REMEDY),
    };
    let Some(arguments) = call.arguments else {
        return fault(node.shown(), format!("write `{}(…)`, with brackets", call.name));
    };
    let mut options = Vec::new();
    for argument in &arguments {
        match &argument.name {
            Some(name) => options.push((name.as_str(), &argument.value)),
            None => return fault("an argument without a name", "write `connection_string='…'`"),
        }
    }
    // What came from the environment is not shown, whichever option it is.
    let came_from_outside = matches!(node, Node::Text(text) if text.template.is_some());
    set(draft, exporter, options.into_iter()).map_err(|faults| {
        let hidden = |fault: Fault| if came_from_outside { fault.showing(&node.shown()) } else { fault };
        faults.into_iter().map(hidden).collect()
    })
}

fn short_name(draft: &mut Draft, node: &Node) -> Checked<()> {
    let exporter = kind_of(node).or_else(|_| fault(node.shown(), REMEDY))?;
    set(draft, exporter, std::iter::empty())
}

fn set<'a>(
    draft: &mut Draft,
    exporter: ExporterSetting,
    options: impl Iterator<Item = (&'a str, &'a Node)>,
) -> Checked<()> {
    draft.settings.exporter = exporter;
    let mut faults = Vec::new();
    for (name, value) in options {
        let option = name.to_ascii_lowercase();
        let read = match exporter {
            ExporterSetting::Azure => azure_option(draft, &option, value),
            ExporterSetting::Console => fault("an option", "the console exporter has none; take it out"),
        };
        faults.extend(inside(name, read).err().into_iter().flatten());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Those that have a meaning here.
const OPTIONS: [&str; 9] = [
    "connection_string",
    "instrumentation_key",
    "timeout",
    "export_interval",
    "grace_period",
    "max_batch_size",
    "queue_capacity",
    "minimum_retry_interval",
    "storage_retention_period",
];

/// The options of the predecessor's `AzureExporter`, version 1.1.15.
fn azure_option(draft: &mut Draft, option: &str, value: &Node) -> Checked<()> {
    match option {
        "connection_string" | "instrumentation_key" if *value == Node::Null => Ok(()),
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
            draft.note(format!("`{option}` is not used: requests are exported, logs and metrics are not"));
            Ok(())
        }
        "proxies" if is_empty(value) => Ok(()),
        "proxies" => fault(
            "a proxy",
            "take it out, and set `HTTPS_PROXY` in the environment if this process may use it; proxies in a file are not supported yet",
        ),
        "credential" if *value == Node::Null => Ok(()),
        "credential" => {
            fault("a credential", "take it out; the connection string's key is the only way to sign in yet")
        }
        _ => fault("an unknown option", nearest(option, &OPTIONS)),
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
    let Node::Text(text) = value else { return fault(value.shown(), "write the key as a text") };
    let value = Node::text(format!("InstrumentationKey={}", text.value));
    draft.set("azure.connection_string", &value)
}
