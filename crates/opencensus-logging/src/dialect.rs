//! Whose manners.

/// Whose manners logging has where Python's harm.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Dialect {
    /// This crate's:
    ///
    /// - Control characters in texts are escaped, a record stays one line.
    /// - Streams and files are written in the background; callers wait for nobody.
    /// - A failing or panicking handler or filter harms nobody; losses are counted, and told once a minute.
    /// - A configuration's faults are told all at once, each with its place. Levels may be written in lower case.
    ///   Unknown keys, and a text where a list is meant, are faults. `${NAME}` is a variable of the environment.
    /// - A configuration silences no logger that is there already, unless it says so (`disable_existing_loggers`).
    /// - A queue's listener begins with its configuration.
    /// - Django's loggers (`django`, `django.request` and so on) are this project's (`opencensus`, `opencensus.request`).
    #[default]
    Native,
    /// Python 3.13's and Django 6.1's, for a `LOGGING` that is to mean exactly what it means there: texts are
    /// written raw, handlers work on the caller's thread, their panics come out of the call, each loss is told on
    /// standard error, levels are in upper case, unknown keys of loggers are ignored, texts are lists of letters, loggers that a
    /// configuration does not name are silenced.
    Python,
}

impl Dialect {
    pub(crate) fn lets_panics_out(self) -> bool {
        self == Self::Python
    }

    pub(crate) fn reports_everything(self) -> bool {
        self == Self::Python
    }

    pub(crate) fn works_in_background(self) -> bool {
        self == Self::Native
    }
}
