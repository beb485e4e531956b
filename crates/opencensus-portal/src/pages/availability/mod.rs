//! `/availability`: the results of availability tests.

mod empty;
mod groups;
mod page;
mod table;
mod timeline;

pub(super) use page::page;
