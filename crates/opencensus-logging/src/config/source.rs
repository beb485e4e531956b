//! Configurations in files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use opencensus_settings::InvalidSettings;
use serde_json::Value;

use crate::logging::Logging;

/// Why a file's configuration does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigFileError {
    /// The file cannot be read.
    #[error("`{path}` cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is neither TOML nor JSON.
    #[error("`{path}` is no configuration: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// What it says makes no sense.
    #[error(transparent)]
    Invalid(#[from] InvalidSettings),
}

impl Logging {
    /// Lets a configuration in TOML hold from now on.
    ///
    /// # Errors
    ///
    /// It is no TOML, or those of [`configure`](Self::configure).
    pub fn configure_toml(&self, text: &str) -> Result<(), ConfigFileError> {
        let configuration = parse(text, Path::new("(text).toml"))?;
        Ok(self.configure(&configuration)?)
    }

    /// Lets a configuration in JSON hold from now on.
    ///
    /// # Errors
    ///
    /// It is no JSON, or those of [`configure`](Self::configure).
    pub fn configure_json(&self, text: &str) -> Result<(), ConfigFileError> {
        let configuration = parse(text, Path::new("(text).json"))?;
        Ok(self.configure(&configuration)?)
    }

    /// Lets a file's configuration hold from now on: JSON if it ends in `.json`, else TOML.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or makes no sense.
    pub fn configure_file(&self, path: impl AsRef<Path>) -> Result<(), ConfigFileError> {
        let path = path.as_ref();
        self.configure(&read(path)?).map_err(|invalid| of_file(path, &invalid))
    }

    /// Configures by a file of Django's settings, under Django's names in any letter case: `DEBUG`, `LOGGING`,
    /// `LOGGING_CONFIG`, and those of mail: `ADMINS`, `MANAGERS`, `SERVER_EMAIL`, `EMAIL_SUBJECT_PREFIX`,
    /// `INTERNAL_IPS`, `SESSION_COOKIE_NAME`, `EMAIL_BACKEND`, `EMAIL_HOST`, `EMAIL_PORT`, `EMAIL_HOST_USER`,
    /// `EMAIL_HOST_PASSWORD`, `EMAIL_USE_TLS`, `EMAIL_USE_SSL`, `EMAIL_TIMEOUT`, `EMAIL_SSL_CERTFILE`, `EMAIL_SSL_KEYFILE` and `EMAIL_FILE_PATH`. This crate's own
    /// are `DEFAULTS` (`today` or `1.8`), `ERRORS_TO_STDERR`, `TRACE_LINK`, `EMAIL_SPOOL_FOLDER`, `EMAIL_SPOOL_SIZE`, `EMAIL_RETRY`
    /// (seconds) and `EMAIL_EXTRA_ROOTS` (a file of PEM). `${NAME}` is filled in, and what a file does not say stays as it is. A file that is `LOGGING` alone, with
    /// its `version`, is taken as that.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or makes no sense: all faults at once.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// opencensus_logging::Logging::global().setup_file("settings.toml")?;
    /// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
    /// ```
    pub fn setup_file(&self, path: impl AsRef<Path>) -> Result<(), ConfigFileError> {
        let path = path.as_ref();
        self.setup_settings(&read(path)?).map_err(|invalid| of_file(path, &invalid))
    }

    /// The same from a text in TOML.
    ///
    /// # Errors
    ///
    /// It is no TOML, or makes no sense: all faults at once.
    ///
    /// # Examples
    ///
    /// ```
    /// # let logging = opencensus_logging::Logging::builder().build();
    /// logging.setup_toml(r#"
    ///     debug = false
    ///
    ///     [logging]
    ///     version = 1
    ///     handlers.errors = { class = "console", level = "ERROR" }
    ///     loggers."django.request" = { handlers = ["errors"] }
    /// "#)?;
    /// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
    /// ```
    pub fn setup_toml(&self, text: &str) -> Result<(), ConfigFileError> {
        Ok(self.setup_settings(&parse(text, Path::new("(text).toml"))?)?)
    }

    /// [Configures](Self::configure_file) by a file, and again whenever it changes, as long as what is returned lives. A
    /// change that makes no sense is told on standard error, and everything stays as it was.
    ///
    /// # Errors
    ///
    /// The file makes no sense now, or there is no thread to be had.
    pub fn watch_file(&self, path: impl Into<PathBuf>, every: Duration) -> Result<FileWatch, ConfigFileError> {
        let path = path.into();
        let mut seen = Version::of(&path);
        self.configure_file(&path)?;
        let (stop, stopped) = channel();
        let (logging, watched) = (self.clone(), path.clone());
        let watch = move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let now = Version::of(&watched);
                if now.is_some() && now != seen {
                    seen = now;
                    if let Err(error) = logging.configure_file(&watched) {
                        logging.system().shared.say(&format!("the configuration stays as it was: {error}"));
                    }
                }
            }
        };
        let spawned = thread::Builder::new().name("log-config".to_owned()).spawn(watch);
        spawned.map_err(|source| ConfigFileError::Read { path, source })?;
        Ok(FileWatch { _stop: stop })
    }
}

/// Looks at a file until it is dropped.
#[derive(Debug)]
#[must_use = "the file is watched as long as this lives"]
pub struct FileWatch {
    _stop: Sender<()>,
}

/// Which version of a file it is.
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

fn read(path: &Path) -> Result<Value, ConfigFileError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigFileError::Read { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// The same faults, with the file's name.
fn of_file(path: &Path, invalid: &InvalidSettings) -> ConfigFileError {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let faults = invalid.faults().iter().map(|fault| fault.clone().of(&name)).collect();
    ConfigFileError::Invalid(super::invalid(faults))
}

fn parse(text: &str, path: &Path) -> Result<Value, ConfigFileError> {
    let syntax = |message: String| ConfigFileError::Syntax { path: path.to_owned(), message };
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        serde_json::from_str(text).map_err(|error| syntax(error.to_string()))
    } else {
        toml::from_str(text).map_err(|error| syntax(error.message().to_owned()))
    }
}
