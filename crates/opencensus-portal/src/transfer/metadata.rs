//! The first line of an exported file.

use serde::{Deserialize, Serialize};

use crate::store::Run;

/// The version of the format of files.
pub(super) const VERSION: u64 = 1;

/// Describes an exported file. Times are microseconds since 1970.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Metadata {
    /// The version of the format, which no envelope has.
    #[serde(rename = "opencensus_portal_export")]
    pub(super) version: u64,
    /// The version of the portal that wrote the file.
    #[serde(default)]
    pub(super) portal: String,
    #[serde(default)]
    pub(super) exported: i64,
    /// The run whose items the file has. `None`: those of all runs.
    #[serde(default)]
    pub(super) run: Option<RunMetadata>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct RunMetadata {
    pub(super) id: i64,
    pub(super) started: i64,
    pub(super) name: Option<String>,
}

impl Metadata {
    pub(super) fn new(exported: i64, run: Option<Run>) -> Self {
        let run = run.map(|Run { id, started, name, .. }| RunMetadata { id, started, name });
        Self { version: VERSION, portal: env!("CARGO_PKG_VERSION").to_owned(), exported, run }
    }

    /// Parses a line. `None` if it is none of metadata.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    pub(super) fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}
