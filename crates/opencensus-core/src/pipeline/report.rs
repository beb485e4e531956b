//! The result of a flush or a shutdown.

use std::fmt;

use crate::pipeline::stats::Stats;

/// What a flush or a shutdown achieved.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Whether the worker was done before the deadline. If not, what is still
    /// [`queued`](Stats::queued) may arrive later, or never.
    pub complete: bool,
    /// What has become of the items.
    pub stats: Stats,
}

impl Report {
    /// The report as one JSON object on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{{\"complete\":{},\"stats\":{}}}", self.complete, self.stats.to_json())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stats.fmt(f)?;
        f.write_str(if self.complete { "" } else { "; the deadline passed" })
    }
}
