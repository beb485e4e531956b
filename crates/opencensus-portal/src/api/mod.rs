//! The JSON API for tests and scripts, below `/api/v1`.

mod certificate;
mod clear;
mod error;
mod export;
mod faults;
mod import;
mod items;
mod parameters;
mod query;
mod routes;
mod runs;
mod stream;
mod transactions;
mod view;
mod wait;

pub(crate) use routes::routes;
