//! Tests of the logging system, also against vectors that Python and Django wrote.

mod conformance;
mod database;
mod dialects;
mod evil_strings;
mod faults;
mod files;
#[cfg(unix)]
mod fork;
mod formats;
mod frontends;
mod handlers;
mod mail;
mod mail_handover;
mod mail_support;
mod network;
mod outbox;
mod python;
mod records;
mod reload;
mod setup;
mod snippets;
mod vector_mail;
mod waiting;
