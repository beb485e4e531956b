//! The filter classes.

use std::collections::BTreeMap;
use std::sync::Arc;

use opencensus_settings::Checked;
use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;
use opencensus_settings::suggestion::nearest;

use crate::build::arguments::Arguments;
use crate::filters::{Callback, CallbackFilter, Filter, NameFilter, RequireDebugFalse, RequireDebugTrue};
use crate::registry::canonical;

pub(super) fn name(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
    let name = arguments.text("name")?.unwrap_or_default();
    Ok(Arc::new(NameFilter::new(&canonical(&name, arguments.shared.dialect))))
}

pub(super) fn require_debug_false(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
    Ok(Arc::new(RequireDebugFalse { shared: Arc::clone(arguments.shared) }))
}

pub(super) fn require_debug_true(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
    Ok(Arc::new(RequireDebugTrue { shared: Arc::clone(arguments.shared) }))
}

/// A filter by one of these functions.
pub(super) fn callback(
    callbacks: BTreeMap<String, Callback>,
) -> impl Fn(&mut Arguments<'_>) -> Checked<Arc<dyn Filter>> {
    move |arguments| {
        let name = arguments.required_text("callback")?;
        let name = name.strip_prefix("ext://").unwrap_or(&name);
        match callbacks.get(name) {
            Some(callback) => Ok(Arc::new(CallbackFilter::of(Arc::clone(callback)))),
            None => {
                let known: Vec<_> = callbacks.keys().map(String::as_str).collect();
                let remedy = format!("register the function by `with_callback`; {}", nearest(name, &known));
                inside("callback", fault(format!("{}, which is not a known function", redact::text(name)), remedy))
            }
        }
    }
}
