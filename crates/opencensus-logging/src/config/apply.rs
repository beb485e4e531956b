//! A configuration begins to hold.

use std::sync::Arc;

use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};

use crate::config::parts::Parts;
use crate::config::plan::{LoggerPlan, Plan};
use crate::dialect::Dialect;
use crate::level::Level;
use crate::logging::System;
use crate::registry::{LoggerChange, ROOT, Tree, canonical};

/// Replaces handlers and changes loggers, all at once.
pub(super) fn apply(plan: &Plan, parts: Parts, system: &System) {
    parts.handlers.values().for_each(|handler| handler.begin());
    let dialect = system.shared.dialect;
    let old = system.change(|tree| {
        let old = tree.all_handlers();
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
    // What they hold back goes out; records that are still on their way to them are handled.
    old.iter().for_each(|handler| handler.hand_on());
}

/// A logger that the configuration does not name, as Python treats it.
fn treat_existing(tree: &mut Tree, name: &str, is_below_a_named_one: bool, disable: bool) {
    if is_below_a_named_one {
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
        // Those of an earlier configuration go.
        handlers: Some(handlers),
        filters,
        // Python forgets to take those of an earlier one away.
        keeps_filters: dialect == Dialect::Python,
    }
}

/// Changes levels and propagation alone.
pub(super) fn apply_increment(plan: &Plan, system: &System) -> Checked<()> {
    let mut levels = Vec::new();
    let mut faults = Vec::new();
    for (name, table) in &plan.handlers {
        let handler = system.tree().handlers().get(name).cloned();
        let level = table.get("level").map(|level| super::plan::level(level, &system.shared)).transpose();
        match (handler, level) {
            (Some(handler), Ok(Some(level))) => levels.push((handler, level)),
            (Some(_), Ok(None)) => {}
            (None, _) => {
                let fault = Fault::new("a handler that is not there", "an increment changes handlers that are there");
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
    levels.into_iter().for_each(|(handler, level): (_, Level)| handler.set_level(level));
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
