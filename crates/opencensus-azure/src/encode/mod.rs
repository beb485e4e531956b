//! Telemetry items as envelopes of the version 2 schema.
//!
//! `encoder` writes what all envelopes share. Each kind of telemetry has a file that adds its own
//! fields; `item` picks the right one.

mod availability;
mod buffer;
mod encoder;
mod event;
mod exception;
mod item;
mod message;
mod metric;
mod options;
mod page_view;
mod process;
mod properties;
mod reduction;
mod request;
mod severity;
mod span;
mod tags;
#[cfg(test)]
mod tests;

pub(crate) use encoder::Encoder;
