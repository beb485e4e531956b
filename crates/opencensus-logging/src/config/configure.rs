//! Checks and applies a configuration.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use opencensus_settings::interpolation;
use opencensus_settings::{Checked, Fault, InvalidSettings};
use serde_json::Value;

use crate::config::apply::{apply, apply_increment};
use crate::config::faults::Faults;
use crate::config::parts;
use crate::config::plan::Plan;
use crate::config::resolve::resolve;
use crate::handlers::InstalledHandler;
use crate::lock::lock;
use crate::logging::Logging;

impl Logging {
    /// Applies a configuration.
    ///
    /// # Errors
    ///
    /// The configuration is invalid, or something that it names is not available, such as a file. Then nothing changes.
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

    /// Lets handlers take over mails of earlier processes and handlers, those of the newest configuration first.
    pub(super) fn recover(&self) {
        let handlers = self.system().tree().all_handlers();
        handlers.iter().for_each(|handler| handler.recover());
    }

    pub(super) fn configure_checked(&self, configuration: &Value) -> Checked<()> {
        let earlier = self.system().tree().all_handlers();
        self.configure_after(configuration, &earlier)
    }

    /// Applies a configuration, in which handlers of earlier ones may go on.
    pub(super) fn configure_after(&self, configuration: &Value, earlier: &[Arc<InstalledHandler>]) -> Checked<()> {
        self.redacting_variables(|lookup| self.configure_with(configuration, earlier, lookup))
    }

    /// Redacts values of variables in faults: they may be secrets.
    pub(super) fn redacting_variables<T>(
        &self,
        read: impl FnOnce(interpolation::Lookup<'_>) -> Checked<T>,
    ) -> Checked<T> {
        let system = self.system();
        let used = RefCell::new(BTreeMap::new());
        let lookup = |name: &str| {
            let value = (system.shared.variables)(name);
            used.borrow_mut().extend(value.clone().map(|value| (name.to_owned(), value)));
            value
        };
        read(&lookup).map_err(|faults| {
            let used = used.borrow();
            let redact = |fault: Fault| used.iter().fold(fault, |fault, (name, value)| fault.hiding(value, name));
            faults.into_iter().map(redact).collect()
        })
    }

    fn configure_with(
        &self,
        configuration: &Value,
        earlier: &[Arc<InstalledHandler>],
        lookup: interpolation::Lookup<'_>,
    ) -> Checked<()> {
        let system = self.system();
        let (plan, mut faults) = self.read_plan(configuration, lookup);
        if plan.incremental {
            return faults.into_result(()).and_then(|()| apply_increment(&plan, system));
        }
        let parts = parts::build(&plan, &system.shared, self.classes(), earlier, &mut faults);
        apply(&plan, faults.into_result(parts)?, system);
        Ok(())
    }

    /// The faults of a configuration that is not applied. Its files are not opened.
    pub(super) fn rehearse(&self, configuration: &Value, lookup: interpolation::Lookup<'_>) -> Vec<Fault> {
        let (plan, mut faults) = self.read_plan(configuration, lookup);
        if !plan.incremental {
            parts::rehearse(&plan, &self.system().shared, self.classes(), &mut faults);
        }
        faults.into_result(()).err().unwrap_or_default()
    }

    fn read_plan(&self, configuration: &Value, lookup: interpolation::Lookup<'_>) -> (Plan, Faults) {
        let shared = &self.system().shared;
        let mut faults = Faults::default();
        let resolved = resolve(configuration, shared.dialect, lookup, &mut faults);
        faults.begin_stage();
        let plan = Plan::read(&resolved, shared, &mut faults);
        (plan, faults)
    }
}

pub(super) fn invalid(faults: Vec<Fault>) -> InvalidSettings {
    match InvalidSettings::check(faults) {
        Err(invalid) => invalid,
        // A configurator may fail without a fault.
        Ok(()) => Fault::new("a configuration that was rejected", "return a fault with the reason").into(),
    }
}
