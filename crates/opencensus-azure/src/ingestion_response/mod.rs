//! The response of the ingestion endpoint, and the decision that follows from it.

mod item_error;
mod response;
mod retry_after;

pub use response::IngestionResponse;
