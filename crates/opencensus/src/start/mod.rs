//! Starts a [`Telemetry`](crate::Telemetry) from settings.
//!
//! `assembly` calls the other modules, each of which builds one part: `exporter`, `resource`, `sampling`, `logging`,
//! `observers`, `notices`, `setup_check`, `store`. `state_folder` chooses the folder of the store.

mod assembly;
mod exporter;
#[cfg(feature = "logging")]
mod logging;
mod logging_system;
mod notices;
mod observers;
mod resource;
mod sampling;
mod setup_check;
mod state_folder;
mod store;
