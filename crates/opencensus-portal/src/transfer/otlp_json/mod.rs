//! Items as OTLP in its JSON encoding.
//!
//! Requests and dependencies become spans, metrics gauges or summaries, all other items log records.

mod attributes;
mod batch;
mod identifier;
mod log;
mod metric;
mod span;

pub(super) use batch::lines;
