//! `/`: how the services are doing, at a glance.

mod activity;
mod figures;
mod operations;
mod page;
mod tiles;

pub(super) use page::page;
