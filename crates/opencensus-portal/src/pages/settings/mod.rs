//! `/settings`: how to send telemetry here, what is kept and for how long, export, import and faults.

mod certificate;
mod page;
mod retention;
mod transfer;

pub(super) use page::page;
pub(super) use transfer::{CLEAR_PATH, clear};
