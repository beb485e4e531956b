//! The logging system works together with the middleware and with sqlx.

mod database;
mod own_records;
mod setup;
mod trace_ids;
