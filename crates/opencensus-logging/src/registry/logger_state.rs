//! The state of a logger, as programs inspect it.

use crate::level::Level;

/// The current state of a logger.
///
/// # Examples
///
/// ```
/// use opencensus_logging::{Level, Logging};
///
/// let logging = Logging::builder().build();
/// logging.set_level("shop", Level::DEBUG);
/// let _ = logging.get_logger("shop.cart");
/// let state = logging.logger_state("shop.cart").unwrap();
/// assert_eq!((state.level, state.effective_level, &*state.parent.unwrap()), (Level::NOTSET, Level::DEBUG, "shop"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LoggerState {
    /// The level that is set on the logger itself.
    pub level: Level,
    /// The level that applies: its own, or the nearest one above.
    pub effective_level: Level,
    /// Whether its records reach the handlers of its parents, too.
    pub propagate: bool,
    /// Whether the logger drops its records.
    pub disabled: bool,
    /// Whether its records reach any handler.
    pub has_handlers: bool,
    /// The names and levels of its own handlers.
    pub handlers: Vec<(String, Level)>,
    /// The name of the nearest logger above it. `None`: the logger is the root.
    pub parent: Option<String>,
}
