//! Spans and log records of OpenTelemetry's SDK follow the requests of the middleware.

mod handled;
mod span_events;
mod span_trees;
mod spans;
