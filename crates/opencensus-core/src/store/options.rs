//! Options of the store.

use std::path::PathBuf;
use std::time::Duration;

/// Where and how a pipeline stores batches on disk.
///
/// # Examples
///
/// ```
/// use opencensus_core::StoreOptions;
///
/// let mut options = StoreOptions::new("/var/lib/shop/telemetry");
/// options.max_bytes = 10 * 1024 * 1024;
/// assert!(options.journal);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreOptions {
    /// The folder. It is created if it does not exist, with access for this user alone.
    pub path: PathBuf,
    /// How many bytes all files in the folder may take, those of other processes included. Default: 50 MiB.
    pub max_bytes: u64,
    /// How long a batch is kept. Default: 48 h, after which Application Insights refuses it.
    pub retention: Duration,
    /// Writes items to disk that are not delivered within 50 ms, so that they survive the sudden end of the process.
    /// Default: true.
    pub journal: bool,
}

impl StoreOptions {
    /// The default options with this folder.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            max_bytes: 50 * 1024 * 1024,
            retention: Duration::from_secs(48 * 60 * 60),
            journal: true,
        }
    }
}
