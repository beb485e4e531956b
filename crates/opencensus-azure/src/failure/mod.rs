//! Describes why a batch was not delivered, for the operator's log.
//!
//! `response`: by the status and body of an ingestion response; `error`: by the error of a POST that got no response.

mod error;
mod remedy;
mod response;

pub(crate) use error::cause_of_error;
pub(crate) use response::cause_of_response;
