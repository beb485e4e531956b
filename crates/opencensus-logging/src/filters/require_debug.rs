//! Filters that depend on the debug mode.

use std::sync::Arc;

use crate::filters::Filter;
use crate::record::Record;
use crate::shared::Shared;

/// Passes records while the debug mode is off. Only configurations create it.
///
/// # Examples
///
/// ```
/// let logging = opencensus_logging::Logging::builder().build();
/// logging.configure_toml(r#"
///     version = 1
///     filters.in_production = { "()" = "require_debug_false" }
///     handlers.console = { class = "console", filters = ["in_production"] }
///     root.handlers = ["console"]
/// "#)?;
/// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
/// ```
pub struct RequireDebugFalse {
    pub(crate) shared: Arc<Shared>,
}

/// Passes records while the debug mode is on. Only configurations create it.
///
/// # Examples
///
/// ```
/// let logging = opencensus_logging::Logging::builder().build();
/// logging.configure_toml(r#"
///     version = 1
///     filters.in_debug = { "()" = "require_debug_true" }
///     handlers.console = { class = "console", filters = ["in_debug"] }
///     root.handlers = ["console"]
/// "#)?;
/// logging.set_debug(true);
/// # Ok::<(), opencensus_logging::config::ConfigFileError>(())
/// ```
pub struct RequireDebugTrue {
    pub(crate) shared: Arc<Shared>,
}

impl Filter for RequireDebugFalse {
    fn filter(&self, _: &mut Arc<Record>) -> bool {
        !self.shared.is_debug()
    }
}

impl Filter for RequireDebugTrue {
    fn filter(&self, _: &mut Arc<Record>) -> bool {
        self.shared.is_debug()
    }
}
