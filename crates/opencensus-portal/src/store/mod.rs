//! The received items: SQLite, in memory or in a file.

mod database;
mod filter;
mod item;
mod schema;

pub(crate) use database::Store;
pub use database::StoreError;
pub use filter::Filter;
pub(crate) use item::NewItem;
pub use item::{Item, Kind};
