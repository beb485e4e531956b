//! The response of the ingestion endpoint, and the decision that follows from it.

mod item_error;
mod response;

pub use response::{answer, retry_after};
