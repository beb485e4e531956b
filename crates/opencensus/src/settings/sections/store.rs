//! Holds the section `store`.

use std::path::PathBuf;
use std::time::Duration;

use opencensus_core::StoreOptions;

/// How telemetry that cannot be sent is kept on disk, so that it survives an outage and the end of the process.
///
/// It applies to exporters with a [destination](crate::exporter::Exporter::destination), such as that of Application
/// Insights. A folder that cannot be created or written is no error: one warning is logged, and telemetry waits in
/// memory; a minute later it is tried again. [Operations](crate::guide::operations) lists where the folder is on which host.
///
/// # Examples
///
/// ```
/// use opencensus::Settings;
///
/// let mut settings = Settings::default();
/// settings.store.path = Some("/var/lib/shop/telemetry".into());
/// settings.store.max_bytes = 10 * 1024 * 1024;
/// assert!(!settings.with_store(false).store.enabled);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreSettings {
    /// Stores telemetry on disk. Default: true. Environment: `OPENCENSUS_STORE`.
    pub enabled: bool,
    /// The folder. It is created if it does not exist, and several processes may share it. A relative path is resolved
    /// at the start. Default: the state folder of the host. Environment: `OPENCENSUS_STORE_PATH`.
    pub path: Option<PathBuf>,
    /// The most bytes that the folder may hold, the files of all processes included. A file and the environment must
    /// set at least 1 MiB. Default: 50 MiB. Environment: `OPENCENSUS_STORE_MAX_BYTES`.
    pub max_bytes: u64,
    /// How long a batch is kept; at least 1 s, at most a year. Default: 48 h. Environment:
    /// `OPENCENSUS_STORE_RETENTION`.
    pub retention: Duration,
    /// Also writes items to disk that are not delivered within 50 ms, so that they survive the sudden end of the
    /// process. Default: true. Environment: `OPENCENSUS_STORE_JOURNAL`.
    pub journal: bool,
}

impl Default for StoreSettings {
    fn default() -> Self {
        let options = StoreOptions::new(PathBuf::new());
        Self {
            enabled: true,
            path: None,
            max_bytes: options.max_bytes,
            retention: options.retention,
            journal: options.journal,
        }
    }
}
