//! The formats of exported items.

use serde::Deserialize;

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ExportFormat {
    /// A line of metadata, and a line for each envelope as received.
    #[default]
    Jsonl,
    /// Requests of OTLP's JSON encoding, one per line, as the file exporter of the OpenTelemetry Collector writes them.
    OtlpJson,
}
