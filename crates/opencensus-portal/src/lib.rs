#![doc = include_str!("../README.md")]

mod api;
mod app_state;
mod command;
mod cross_site;
mod error;
mod host;
mod ingest;
mod options;
mod pages;
mod portal;
mod server;
mod store;
mod transaction;
mod wait_result;

#[doc(hidden)]
pub use command::run_command;
pub use error::PortalError;
pub use options::PortalOptions;
pub use portal::Portal;
pub use store::{DatabaseError, Filter, Item, ItemKind, StoreError};
pub use transaction::Transaction;
pub use wait_result::WaitResult;
