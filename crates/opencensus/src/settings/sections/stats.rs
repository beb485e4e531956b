//! Holds the section `stats`.

use std::time::Duration;

/// How the counters of [`Telemetry::stats`](crate::Telemetry::stats) are exported.
///
/// # Examples
///
/// ```
/// use opencensus::Settings;
/// use std::time::Duration;
///
/// let mut settings = Settings::default();
/// settings.stats.interval = Some(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct StatsSettings {
    /// Exports the counters as metrics, this long after one of them changed; at least 1 s: see
    /// [`PipelineOptions::stats_interval`](opencensus_core::PipelineOptions::stats_interval). Default: never.
    /// Environment: `OPENCENSUS_STATS_INTERVAL`.
    pub interval: Option<Duration>,
}
