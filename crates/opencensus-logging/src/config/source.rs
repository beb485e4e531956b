//! Reads configurations from files and strings.

use std::io;
use std::path::{Path, PathBuf};

use opencensus_settings::InvalidSettings;
use opencensus_settings::file::{self, FileError, Format};
use opencensus_settings::foreign_file::ForeignFile;
use serde_json::Value;

use crate::config::configure::invalid;
use crate::logging::{Logging, LoggingGuard};

/// Why the configuration of a file was not applied.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::config::ConfigFileError;
///
/// let error = Logging::global().configure_toml("version = 2").unwrap_err();
/// assert!(matches!(error, ConfigFileError::Invalid(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigFileError {
    /// The file cannot be read.
    #[error("`{path}` cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file is too large, or neither TOML nor JSON.
    #[error("`{path}` cannot be parsed: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The error, with its line and column.
        message: String,
    },
    /// The configuration is invalid.
    #[error(transparent)]
    Invalid(#[from] InvalidSettings),
}

impl Logging {
    /// Applies a configuration in TOML.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or those of [`configure`](Self::configure).
    pub fn configure_toml(&self, text: &str) -> Result<(), ConfigFileError> {
        let configuration = parse(text, Format::Toml, Path::new("(text).toml"))?;
        Ok(self.configure(&configuration)?)
    }

    /// Applies a configuration in JSON.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or those of [`configure`](Self::configure).
    pub fn configure_json(&self, text: &str) -> Result<(), ConfigFileError> {
        let configuration = parse(text, Format::Json, Path::new("(text).json"))?;
        Ok(self.configure(&configuration)?)
    }

    /// Applies the configuration of a file of at most 1 MiB. Its extension, `.json` or `.toml`, names the format; with
    /// another extension, or none, the content does.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or its configuration is invalid.
    pub fn configure_file(&self, path: impl AsRef<Path>) -> Result<(), ConfigFileError> {
        let path = path.as_ref();
        self.configure(&read(path)?).map_err(|error| in_file(path, &error))
    }

    /// Applies a file of Django's settings, under Django's names in any letter case:
    ///
    /// - `DEBUG`, `LOGGING`, `LOGGING_CONFIG`;
    /// - for mail: `ADMINS`, `MANAGERS`, `SERVER_EMAIL`, `EMAIL_SUBJECT_PREFIX`, `INTERNAL_IPS`, `SESSION_COOKIE_NAME`,
    ///   `EMAIL_BACKEND`, `EMAIL_HOST`, `EMAIL_PORT`, `EMAIL_HOST_USER`, `EMAIL_HOST_PASSWORD`, `EMAIL_USE_TLS`,
    ///   `EMAIL_USE_SSL`, `EMAIL_TIMEOUT`, `EMAIL_SSL_CERTFILE`, `EMAIL_SSL_KEYFILE`, `EMAIL_FILE_PATH`;
    /// - of this crate: `DEFAULTS` (`today` or `1.8`), `ERRORS_TO_STDERR`, `TRACE_LINK`, `EMAIL_SPOOL_FOLDER`,
    ///   `EMAIL_SPOOL_SIZE`, `EMAIL_RETRY` (seconds), `EMAIL_EXTRA_ROOTS` (a PEM file).
    ///
    /// `${NAME}` is replaced by the environment variable. Absent settings keep their current value. Other settings of a
    /// Django project, such as `ALLOWED_HOSTS`, `OPENCENSUS` and those of the project in upper case, are ignored, unless
    /// their name resembles one of these. A file with a `version` is `LOGGING` itself.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or its settings are invalid: all faults at once.
    ///
    /// # Examples
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("opencensus-docs-setup-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # std::env::set_current_dir(&folder)?;
    /// # std::fs::write("settings.toml", "DEBUG = true")?;
    /// opencensus_logging::Logging::global().setup_file("settings.toml")?;
    /// # std::env::set_current_dir(std::env::temp_dir())?;
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn setup_file(&self, path: impl AsRef<Path>) -> Result<(), ConfigFileError> {
        let path = path.as_ref();
        self.setup_settings(&read(path)?).map_err(|error| in_file(path, &error))
    }

    /// Starts logging for a program: makes this the global system, connects `log` and `tracing` as
    /// [`install`](Self::install) does, and applies a [settings file](Self::setup_file). The guard flushes at the end of
    /// `main`.
    ///
    /// # Errors
    ///
    /// Those of [`setup_file`](Self::setup_file).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use opencensus_logging::Logging;
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let _guard = Logging::builder().build().start("settings.toml")?;
    ///     opencensus_logging::get_logger("shop").info("open");
    ///     Ok(())
    /// }
    /// ```
    pub fn start(&self, path: impl AsRef<Path>) -> Result<LoggingGuard, ConfigFileError> {
        // Before the file is read: its faults are logged as well.
        let guard = self.guard();
        self.install();
        self.setup_file(path)?;
        Ok(guard)
    }

    /// Applies Django's settings in TOML, in the form of a [settings file](Self::setup_file).
    ///
    /// # Errors
    ///
    /// The text is not TOML, or its settings are invalid: all faults at once.
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
        Ok(self.setup_settings(&parse(text, Format::Toml, Path::new("(text).toml"))?)?)
    }
}

fn read(path: &Path) -> Result<Value, ConfigFileError> {
    let text = file::read_text(path).map_err(|error| ConfigFileError::of_file(path, error))?;
    let parsed = parse(&text, Format::by_name(path).unwrap_or_else(|| Format::by_content(&text)), path);
    // A file may be TOML or JSON whatever its name is.
    parsed.map_err(|error| match ForeignFile::of(path, &text) {
        Some(kind) => ConfigFileError::Syntax { path: path.to_owned(), message: format!("it is {kind}") },
        None => error,
    })
}

fn parse(text: &str, format: Format, path: &Path) -> Result<Value, ConfigFileError> {
    file::parse(text, format).map_err(|error| ConfigFileError::of_file(path, FileError::Syntax(error)))
}

impl ConfigFileError {
    fn of_file(path: &Path, error: FileError) -> Self {
        let path = path.to_owned();
        match error {
            FileError::Unreadable(source) => Self::Read { path, source },
            other => Self::Syntax { path, message: other.to_string() },
        }
    }
}

/// Adds the file's name to the faults.
fn in_file(path: &Path, error: &InvalidSettings) -> ConfigFileError {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let faults = error.faults().iter().map(|fault| fault.clone().of(&name)).collect();
    ConfigFileError::Invalid(invalid(faults))
}
