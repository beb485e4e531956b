#![doc = include_str!("../README.md")]

mod access;
mod api;
mod app_state;
mod clock;
mod command;
mod connection;
mod cors;
mod cross_site;
mod error;
mod faults;
mod filters;
mod forbidden;
mod host;
mod ingest;
mod missing_items;
mod multipart_token;
mod options;
mod otlp;
mod pages;
mod portal;
mod reach;
mod remote_access;
mod search;
mod server;
mod store;
mod tls;
mod token;
mod transaction;
mod transfer;
mod tree;
mod wait;
mod write_protection;

#[doc(hidden)]
pub use command::run_command;
pub use error::PortalError;
pub use faults::{ActiveFault, Fault, FaultError, FaultReport, FaultyPost};
pub use filters::{availability_results, dependencies, events, exceptions, metrics, page_views, requests, traces};
pub use missing_items::MissingItems;
pub use options::{DEFAULT_ADDRESS, PortalOptions};
pub use portal::Portal;
pub use store::{DatabaseError, Filter, Item, ItemGroup, ItemKind, StoreError};
pub use tls::CertificateError;
pub use transaction::Transaction;
