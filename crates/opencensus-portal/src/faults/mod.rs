//! Faults of the ingestion endpoint, which tests and the pages switch on: statuses, delays, dropped connections,
//! partial success, malformed responses.

mod control;
mod fault;
mod fault_error;
mod fields;
mod injection;
mod queue;
mod refusal;
mod response;

pub use fault::Fault;
pub use fault_error::FaultError;
pub(crate) use fields::{from_form, from_json};
pub(crate) use injection::inject;
pub(crate) use queue::Faults;
pub use queue::{ActiveFault, FaultReport, FaultyPost};
pub(crate) use refusal::Refusal;
