//! `/performance`: how long operations take, which cost most, and samples of slow ones.

mod comparison;
mod histogram;
mod histogram_chart;
mod operations;
mod page;
mod query;
mod samples;

pub(super) use page::page;
