//! The program that is killed, and its parent's view of it.

pub(crate) mod app;
mod child;
mod counters;
mod options;
mod process_usage;

pub(crate) use child::Child;
pub(crate) use counters::Counters;
pub(crate) use options::Options;
pub(crate) use process_usage::ProcessUsage;
