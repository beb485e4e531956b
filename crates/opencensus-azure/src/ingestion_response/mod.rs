//! Interprets responses of the ingestion endpoint.

mod item_error;
mod message;
mod response;
mod retry_after;

pub use response::IngestionResponse;
