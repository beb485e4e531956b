#![doc = include_str!("../README.md")]

mod api;
mod ingest;
mod pages;
mod portal;
mod server;
mod store;

pub use portal::{Portal, PortalError, PortalOptions, Waited};
pub use store::{Filter, Item, Kind, StoreError};
