//! Configurations in the shape of Python's
//! [`dictConfig`](https://docs.python.org/3/library/logging.config.html#logging-config-dictschema).
//!
//! `version` (1), `disable_existing_loggers` (false if absent, but in [Python's dialect](crate::Dialect)), `incremental`, `formatters`, `filters`,
//! `handlers`, `loggers`, `root`; factories by `()`, attributes by `.`, other parts by `cfg://`, streams and
//! functions by `ext://`, variables of the environment by `${NAME}` and `${NAME:-default}` (but not in formats).
//!
//! A configuration is read whole before anything changes. Its faults come all at once, each with its place. Then it
//! holds at once: a record is handled as the old configuration says, or as the new one does.

mod apply;

mod parts;

pub(crate) mod django;
#[cfg(feature = "mail")]
mod mail_settings;
pub(crate) mod plan;
mod resolve;
mod setup;
#[cfg(feature = "file")]
mod source;

pub use crate::build::Arguments;
pub use django::{Defaults, LoggingConfig, Setup};
pub use opencensus_settings::{Checked, Fault, InvalidSettings};
#[cfg(feature = "file")]
pub use source::{ConfigFileError, FileWatch};

use std::cell::RefCell;

use opencensus_settings::interpolation;

use serde_json::Value;

use crate::lock::lock;
use crate::logging::Logging;
use plan::Plan;

impl Logging {
    /// Lets a configuration hold from now on.
    ///
    /// # Errors
    ///
    /// The configuration makes no sense, or something that it names cannot be had, such as a file. Then everything
    /// stays as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # let logging = opencensus_logging::Logging::builder().build();
    /// logging.configure(&serde_json::json!({
    ///     "version": 1,
    ///     "formatters": { "short": { "format": "{levelname} {message}", "style": "{" } },
    ///     "handlers": { "console": { "class": "console", "formatter": "short" } },
    ///     "root": { "handlers": ["console"], "level": "INFO" },
    /// }))?;
    /// # Ok::<(), opencensus_logging::config::InvalidSettings>(())
    /// ```
    pub fn configure(&self, configuration: &Value) -> Result<(), InvalidSettings> {
        let _one_at_a_time = lock(&self.system().configuring);
        self.configure_checked(configuration).map_err(invalid)?;
        self.recover();
        Ok(())
    }

    /// Handlers take what others left behind: those of the newest configuration first.
    fn recover(&self) {
        let handlers = self.system().tree().all_handlers();
        handlers.iter().for_each(|handler| handler.recover());
    }

    pub(crate) fn configure_checked(&self, configuration: &Value) -> Checked<()> {
        self.hiding_variables(|lookup| self.configure_with(configuration, lookup))
    }

    /// What a variable holds may be a secret, and is in no fault.
    fn hiding_variables<T>(&self, read: impl FnOnce(interpolation::Lookup<'_>) -> Checked<T>) -> Checked<T> {
        let system = self.system();
        let seen = RefCell::new(Vec::new());
        let lookup = |name: &str| {
            let value = (system.shared.variables)(name);
            seen.borrow_mut().extend(value.clone().map(|value| (value, name.to_owned())));
            value
        };
        read(&lookup).map_err(|faults| {
            let seen = seen.borrow();
            let hide = |fault: Fault| seen.iter().fold(fault, |fault, (value, name)| fault.hiding(value, name));
            faults.into_iter().map(hide).collect()
        })
    }

    fn configure_with(&self, configuration: &Value, lookup: interpolation::Lookup<'_>) -> Checked<()> {
        let system = self.system();
        let prepared = resolve::prepare(configuration, system.shared.dialect, lookup)?;
        let plan = Plan::read(&prepared, &system.shared)?;
        if plan.incremental {
            return apply::apply_increment(&plan, system);
        }
        let parts = parts::build(&plan, system)?;
        apply::apply(&plan, parts, system);
        Ok(())
    }
}

fn invalid(faults: Vec<Fault>) -> InvalidSettings {
    match InvalidSettings::check(faults) {
        Err(invalid) => invalid,
        // A refusal without a reason is one nevertheless.
        Ok(()) => Fault::new("a configuration that was refused", "say why").into(),
    }
}
