//! The record of a request: its head, the changes after it, and its outcome.

mod changes;
mod head;
mod outcome;
mod record;
mod sampling;
mod text;

pub(crate) use changes::Changes;
pub(crate) use head::RecordHead;
pub use outcome::{Outcome, OutcomeKind};
pub use record::RequestRecord;
pub(crate) use sampling::Sampling;
