//! An ingestion endpoint that behaves as a scenario demands, and counts every item that it accepts.

mod behaviour;
mod received;
mod request;
mod server;

pub(crate) use behaviour::Behaviour;
pub(crate) use server::Endpoint;
