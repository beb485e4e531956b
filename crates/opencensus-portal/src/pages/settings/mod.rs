//! `/settings`: how to send telemetry here, what is kept, and for how long.

mod page;
mod retention;

pub(super) use page::page;
