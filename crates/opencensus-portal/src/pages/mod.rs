//! The web pages, which the server renders and which work without JavaScript.

mod availability;
mod chart;
mod error;
mod failures;
mod fault_banner;
mod faults;
mod first_item;
mod format;
mod frame;
mod json;
mod link;
mod live_events;
mod map;
mod outcome;
mod overview;
mod parameters;
mod performance;
mod refused;
mod routes;
mod scope;
mod search;
mod section;
mod settings;
mod statistics;
mod table;
mod timestamp;
mod transaction;

pub(crate) use format::{clock, duration};
pub(crate) use routes::routes;
