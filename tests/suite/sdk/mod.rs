//! Spans and log records of OpenTelemetry's SDK follow the requests of the middleware.

mod exporters;
mod handled;
mod log_lines;
mod outgoing_calls;
mod span_events;
mod span_trees;
mod spans;
