//! Watches a configuration file for changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::config::ConfigFileError;
use crate::logging::Logging;

/// The shortest interval: without one the thread would never sleep.
const SHORTEST: Duration = Duration::from_millis(10);

impl Logging {
    /// Applies the configuration of a [file](Self::configure_file), and again whenever the file changes, until the
    /// returned value is dropped. The file is checked after each interval of `every`, at least 10 ms. An invalid change is reported on
    /// standard error, and the configuration stays. A program that changes the file should write another file and
    /// rename it: otherwise the watch may read half of it.
    ///
    /// # Errors
    ///
    /// The file cannot be read, its configuration is invalid, or no thread can be started.
    ///
    /// # Examples
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("opencensus-docs-watch-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # std::env::set_current_dir(&folder)?;
    /// # std::fs::write("logging.toml", "version = 1")?;
    /// use opencensus_logging::Logging;
    /// use std::time::Duration;
    ///
    /// let _watch = Logging::global().watch_file("logging.toml", Duration::from_secs(5))?;
    /// # std::env::set_current_dir(std::env::temp_dir())?;
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch_file(&self, path: impl Into<PathBuf>, every: Duration) -> Result<FileWatch, ConfigFileError> {
        let path = path.into();
        let mut current = Version::of(&path);
        self.configure_file(&path)?;
        let every = every.max(SHORTEST);
        let (stop, stopped) = channel();
        let (logging, watched) = (self.clone(), path.clone());
        let watch = move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let now = Version::of(&watched);
                if now.is_some() && now != current {
                    current = now;
                    if let Err(error) = logging.configure_file(&watched) {
                        let text = format!("the changed configuration is not applied: {error}");
                        logging.system().shared.diagnostics.log(&text);
                    }
                }
            }
        };
        let spawned = thread::Builder::new().name("log-config".to_owned()).spawn(watch);
        spawned.map_err(|source| ConfigFileError::Read { path, source })?;
        Ok(FileWatch { _stop: stop })
    }
}

/// Watches a configuration file until it is dropped.
///
/// # Examples
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("opencensus-docs-unwatch-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::env::set_current_dir(&folder)?;
/// # std::fs::write("logging.toml", "version = 1")?;
/// use opencensus_logging::Logging;
/// use std::time::Duration;
///
/// let watch = Logging::global().watch_file("logging.toml", Duration::from_secs(5))?;
/// // From now on changes of the file have no effect.
/// drop(watch);
/// # std::env::set_current_dir(std::env::temp_dir())?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the file is watched as long as this lives"]
pub struct FileWatch {
    _stop: Sender<()>,
}

/// The version of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Version {
    modified: Option<SystemTime>,
    len: u64,
}

impl Version {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), len: metadata.len() })
    }
}
