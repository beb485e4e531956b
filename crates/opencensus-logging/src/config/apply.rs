//! Applies a configuration.

use std::sync::Arc;

use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};

use crate::build::level;
use crate::config::parts::Parts;
use crate::config::plan::{LoggerPlan, Plan};
use crate::dialect::Dialect;

use crate::registry::{LoggerChange, LoggerTree, ROOT, canonical};
use crate::system::System;

/// Replaces handlers and changes loggers, in one step.
pub(super) fn apply(plan: &Plan, parts: Parts, system: &System) {
    parts.handlers.values().for_each(|handler| handler.activate());
    let dialect = system.shared.dialect;
    parts.levels.iter().for_each(|(handler, level)| handler.set_level(*level));
    let old = system.change(|tree| {
        let mut old = tree.all_handlers();
        old.retain(|handler| !parts.handlers.values().any(|new| Arc::ptr_eq(new, handler)));
        let existing = tree.names();
        let named: Vec<_> = plan.loggers.iter().map(|(name, _)| canonical(name, dialect).into_owned()).collect();
        for ((_, logger), name) in plan.loggers.iter().zip(&named) {
            tree.change(name, change(logger, &parts, dialect));
            tree.enable(name);
        }
        for name in existing.iter().filter(|name| !named.contains(name)) {
            let is_below = |above: &String| above != ROOT && name.starts_with(&format!("{above}."));
            treat_existing(tree, name, named.iter().any(is_below), plan.disable_existing);
        }
        if let Some(root) = &plan.root {
            tree.change(ROOT, change(root, &parts, dialect));
        }
        tree.set_handlers(parts.handlers);
        old
    });
    // Records that are still on their way to the old handlers are handled as well.
    old.iter().for_each(|handler| handler.flush_replaced());
}

/// Treats a logger that the configuration does not name as Python does.
fn treat_existing(tree: &mut LoggerTree, name: &str, is_below_named: bool, disable: bool) {
    if is_below_named {
        tree.reset(name);
    } else if disable {
        tree.disable(name);
    } else {
        tree.enable(name);
    }
}

fn change(logger: &LoggerPlan, parts: &Parts, dialect: Dialect) -> LoggerChange {
    let mut handlers: Vec<Arc<_>> = Vec::new();
    for handler in logger.handlers.iter().flatten().filter_map(|name| parts.handlers.get(name)) {
        if !handlers.iter().any(|known| Arc::ptr_eq(known, handler)) {
            handlers.push(Arc::clone(handler));
        }
    }
    let filters = logger.filters.iter().flatten().filter_map(|name| parts.filters.get(name).cloned()).collect();
    LoggerChange {
        level: logger.level,
        propagate: logger.propagate,
        // Handlers of an earlier configuration are removed.
        handlers: Some(handlers),
        filters,
        // Python does not remove filters of an earlier configuration.
        keeps_filters: dialect == Dialect::Python,
    }
}

/// Changes only levels and propagation.
pub(super) fn apply_increment(plan: &Plan, system: &System) -> Checked<()> {
    let mut levels = Vec::new();
    let mut faults = Vec::new();
    for (name, table) in &plan.handlers.tables {
        let handler = system.tree().handlers().get(name).cloned();
        let new_level = table.get("level").map(|value| level(value, &system.shared)).transpose();
        match (handler, new_level) {
            (Some(handler), Ok(Some(new_level))) => levels.push((handler, new_level)),
            (Some(_), Ok(None)) => {}
            (None, _) => {
                let fault = Fault::new("an unknown handler", "name an existing handler: an increment adds none");
                faults.push(fault.inside(&redact::key(name)).inside("handlers"));
            }
            (_, Err(more)) => {
                let place = |fault: Fault| fault.inside("level").inside(&redact::key(name)).inside("handlers");
                faults.extend(more.into_iter().map(place));
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    levels.into_iter().for_each(|(handler, new_level)| handler.set_level(new_level));
    system.change(|tree| {
        for (name, logger) in &plan.loggers {
            let change = LoggerChange {
                level: logger.level,
                propagate: logger.propagate,
                keeps_filters: true,
                ..LoggerChange::default()
            };
            let name = canonical(name, system.shared.dialect);
            tree.change(&name, change);
            tree.enable(&name);
        }
        if let Some(root) = &plan.root {
            tree.change(ROOT, LoggerChange { level: root.level, keeps_filters: true, ..LoggerChange::default() });
        }
    });
    Ok(())
}
