//! Stores the received items in SQLite, in memory or in a file.

mod arrival;
mod arrived;
mod connections;
mod count;
mod database;
mod details;
mod error;
mod filter;
mod item;
mod kind;
mod new_item;
mod new_refusal;
mod refusal;
mod retention;
mod roles;
mod run;
mod schema;
mod usage;
mod wait;
mod writer;

pub(crate) use arrived::Arrived;
pub use arrived::ItemGroup;
pub(crate) use database::Store;
pub use error::{DatabaseError, StoreError};
pub use filter::Filter;
pub use item::Item;
pub use kind::ItemKind;
pub(crate) use new_item::NewItem;
pub(crate) use new_refusal::NewRefusal;
pub(crate) use refusal::{Refusal, RefusalGroup};
pub(crate) use retention::Limits;
pub(crate) use run::Run;
pub(crate) use usage::KindUsage;
