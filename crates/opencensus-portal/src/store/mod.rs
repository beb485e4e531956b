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
mod map;
mod names;
mod new_item;
mod new_refusal;
mod outline;
mod overview;
mod percentile;
mod refusal;
mod retention;
mod roles;
mod run;
mod schema;
mod slowest;
mod timings;
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
pub(crate) use map::{Call, CallMap, Caller, Reception};
pub(crate) use new_item::NewItem;
pub(crate) use new_refusal::NewRefusal;
pub(crate) use outline::Outline;
pub(crate) use overview::{ItemReport, RoleReport};
pub(crate) use refusal::{Refusal, RefusalGroup};
pub(crate) use retention::Limits;
pub(crate) use run::Run;
#[cfg(test)]
pub(crate) use timings::Timing;
pub(crate) use timings::{Statistics, Timings};
pub(crate) use usage::KindUsage;
