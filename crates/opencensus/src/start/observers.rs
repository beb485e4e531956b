//! Builds the observers of responses: those that emit events of `tracing`, and the custom ones.

use opencensus_core::Observer;

use crate::observers::Events;
use crate::settings::TraceSettings;

/// Emits events of `tracing`, unless all of them are off.
pub(super) fn events(trace: &TraceSettings, has_server_log: bool) -> Vec<Box<dyn Observer>> {
    let events = Events {
        requests: trace.request_events.unwrap_or(true),
        // An application with a subscriber usually logs its own 4xx.
        client_errors: trace.request_events.unwrap_or(false),
        security: trace.security_events,
        server: has_server_log,
    };
    let is_on = events.requests || events.security || events.server;
    is_on.then(|| Box::new(events) as Box<dyn Observer>).into_iter().collect()
}

/// The custom observers of the settings.
pub(super) fn custom(trace: &TraceSettings) -> impl Iterator<Item = Box<dyn Observer>> {
    trace.observers.iter().map(|observer| Box::new(observer.clone()) as Box<dyn Observer>)
}
