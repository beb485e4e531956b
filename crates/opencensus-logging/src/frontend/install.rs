//! Installs a logging system with its front ends.

use crate::logging::Logging;

/// The parts that were installed.
///
/// # Examples
///
/// ```
/// let installed = opencensus_logging::Logging::builder().build().install();
/// if !installed.tracing {
///     eprintln!("another subscriber receives the events of `tracing`");
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Installed {
    /// The system is the [global](Logging::global) one.
    pub global: bool,
    /// Records of `log` reach the system directly.
    pub log: bool,
    /// Events of `tracing` reach the system directly.
    pub tracing: bool,
}

impl Logging {
    /// Makes this the global logging system, and connects `log` and `tracing` unless they have another logger or
    /// subscriber.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_logging::Logging;
    ///
    /// let logging = Logging::builder().build();
    /// logging.install();
    /// tracing::info!(chairs = 3, "hardly any chairs left");
    /// ```
    pub fn install(&self) -> Installed {
        Installed {
            global: self.clone().make_global().is_ok(),
            #[cfg(feature = "log")]
            log: crate::frontend::log::install(self),
            #[cfg(not(feature = "log"))]
            log: false,
            #[cfg(feature = "tracing")]
            tracing: crate::frontend::tracing::install(self),
            #[cfg(not(feature = "tracing"))]
            tracing: false,
        }
    }
}
