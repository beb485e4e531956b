//! The logging system of the program.

use std::sync::OnceLock;

use crate::logger::Logger;
use crate::logging::{Logging, LoggingBuilder};

static GLOBAL: OnceLock<Logging> = OnceLock::new();

/// The logger of this name in the [global](Logging::global) logging system.
///
/// # Examples
///
/// ```
/// opencensus_logging::get_logger("shop.cart").info("a chair was added");
/// ```
#[must_use]
pub fn get_logger(name: &str) -> Logger {
    Logging::global().get_logger(name)
}

impl Logging {
    /// The logging system of the program. Until it is [configured](Self::configure), warnings and worse go to standard
    /// error.
    #[must_use]
    pub fn global() -> &'static Self {
        GLOBAL.get_or_init(Self::default)
    }

    /// Makes this the logging system of the program, unless there is one.
    ///
    /// # Errors
    ///
    /// There is one already: another one was made global, or [`global`](Self::global) was called.
    pub fn make_global(self) -> Result<(), Self> {
        GLOBAL.set(self)
    }
}

impl Default for Logging {
    fn default() -> Self {
        LoggingBuilder::default().build()
    }
}
