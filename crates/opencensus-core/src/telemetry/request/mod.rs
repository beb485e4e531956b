//! The record of a request: its head, the changes after it, and its outcome.

mod changes;
mod grpc_status;
mod head;
mod name;
mod outcome;
mod record;
mod sampling;
mod text;

pub(crate) use changes::Changes;
pub use grpc_status::GrpcStatus;
pub(crate) use head::RecordHead;
pub(crate) use name::write_name;
pub use outcome::{Outcome, OutcomeKind};
pub use record::RequestRecord;
pub(crate) use sampling::Sampling;
