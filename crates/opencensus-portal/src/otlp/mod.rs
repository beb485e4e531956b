//! OTLP/HTTP: `/v1/traces`, `/v1/logs` and `/v1/metrics`.
//!
//! Each span, log record or data point is mapped to the envelope that Microsoft's exporters would write for it, and the
//! text of the envelope is parsed and checked as if such an exporter had posted it.

mod attributes;
mod availability;
mod callee;
mod context;
mod database;
mod dependency;
mod encoding;
mod envelope;
mod exception;
mod export;
mod fault;
mod log;
mod message;
mod messaging;
mod metric;
#[cfg(test)]
mod mutated;
mod peer;
mod post;
mod record;
mod records;
mod request;
mod resource;
mod response;
mod sampling;
mod severity;
mod span;
mod span_event;
mod span_name;
mod time;
mod url;
mod value;
mod wire;

pub(crate) use export::export;
