//! The JSON API for tests and scripts, below `/api/v1`.

mod certificate;
mod error;
mod export;
mod import;
mod items;
mod query;
mod routes;
mod transactions;
mod view;
mod wait;

pub(crate) use routes::routes;
