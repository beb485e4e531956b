//! `/failures`: which operations and calls fail, and which exceptions occur; what is new since the run before.

mod codes;
mod groups;
mod page;
mod query;
mod samples;
mod trend;

pub(super) use page::page;
