//! Behaviour of the logging system, beside vectors that Python and Django wrote.

mod conformance;
mod database;
mod evil_strings;
mod faults;
mod frontends;
mod handlers;
mod mail;
mod outbox;
mod python;
mod reload;
mod setup;
mod snippets;
