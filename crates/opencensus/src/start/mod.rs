//! How settings become a running [`Telemetry`](crate::Telemetry).
//!
//! `assembly` is the order of the steps; each step builds one part from the settings: `exporter`, `resource`,
//! `sampling`, `logging`, `observers`.

mod assembly;
mod exporter;
#[cfg(feature = "logging")]
mod logging;
mod observers;
mod resource;
mod sampling;
