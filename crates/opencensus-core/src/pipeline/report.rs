//! The result of a flush or a shutdown.

use std::fmt;

use crate::pipeline::stats::Stats;

/// The result of a flush or a shutdown. [`Pipeline`](crate::Pipeline) has an example.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Whether the worker finished before the deadline. If not, items that are still
    /// [`queued`](Stats::queued) may be delivered later, or never.
    pub complete: bool,
    /// The pipeline's counters.
    pub stats: Stats,
}

impl Report {
    /// Formats the report as a JSON object on one line.
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
