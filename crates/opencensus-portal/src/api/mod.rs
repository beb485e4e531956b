//! The JSON API for tests and scripts, below `/api/v1`.

mod items;
mod wait;

pub(crate) use items::routes;
pub(crate) use wait::wait_for;
