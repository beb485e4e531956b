//! The compatibility mode.

/// The compatibility mode: whether a logging system uses this crate's safer defaults, or behaves exactly as Python and
/// Django do.
///
/// # Examples
///
/// ```
/// use opencensus_logging::{Dialect, Logging};
///
/// let logging = Logging::builder().with_dialect(Dialect::Python).build();
/// assert_eq!(logging.get_logger("django.request").name(), "django.request");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Dialect {
    /// The behaviour of this crate:
    ///
    /// - Control characters are escaped: a record is one line.
    /// - Streams and files are written in the background: callers never wait.
    /// - A handler or filter that fails or panics affects neither the caller nor other handlers; losses are counted,
    ///   and reported at most once a minute.
    /// - All faults of a configuration are reported at once, each with its place. Levels may be in lower case. Unknown
    ///   keys, and a string in place of a list, are faults. `${NAME}` is replaced by the environment variable.
    /// - A configuration disables existing loggers only with `disable_existing_loggers = true`.
    /// - The listener of a queue handler starts with its configuration.
    /// - Names of Django's loggers (`django`, `django.request`) mean those of this project (`opencensus`,
    ///   `opencensus.request`).
    #[default]
    Native,
    /// The behaviour of Python 3.13 and Django 6.1, for a `LOGGING` whose output must stay the same: texts are written
    /// without escapes, handlers run on the caller's thread, their panics reach the caller, each loss is reported on
    /// standard error, levels are in upper case, unknown keys of loggers are ignored, a string is a list of its
    /// letters, and loggers that a configuration does not name are disabled.
    Python,
}

impl Dialect {
    pub(crate) fn propagates_panics(self) -> bool {
        self == Self::Python
    }

    pub(crate) fn reports_each_loss(self) -> bool {
        self == Self::Python
    }

    pub(crate) fn runs_in_background(self) -> bool {
        self == Self::Native
    }
}
