//! Telemetry items as envelopes of the version 2 schema.
//!
//! `encoder` writes what all envelopes share. Each kind of telemetry has a file that adds its own
//! fields; `item` picks the right one.

mod availability;
mod encoder;
mod event;
mod exception;
mod item;
mod json;
mod message;
mod metric;
mod page_view;
mod properties;
mod request;
mod severity;
mod span;

pub(crate) use encoder::Encoder;
