//! Batches on disk.

#![allow(dead_code, reason = "the worker uses it next")]

mod class;
mod clock;
mod file_name;
mod format;
mod index;
mod options;
mod segments;
mod usage;

pub use options::StoreOptions;
#[allow(unused_imports, reason = "the worker uses them next")]
pub(crate) use segments::{Changes, PutError, Store, StoreError, Take};
