//! Logging: what Python's and Django's would do, and what they would not.

mod conformance;
mod database;
mod evil_strings;
mod faults;
mod frontends;
mod handlers;
mod mail;
mod outbox;
pub(crate) mod python;
mod reload;
mod setup;
mod snippets;
