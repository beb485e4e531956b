//! Tests of a running portal: one binary, one module per part.

mod api;
mod browser;
mod cert_command;
mod client_bodies;
mod clients;
mod cross_site;
mod faults;
mod fuzz;
mod ingestion;
mod lifecycle;
mod map;
mod otlp;
mod overview;
mod pages;
mod performance;
mod profile;
mod program;
mod refused;
mod run_command;
mod settings;
mod support;
mod tail_command;
mod tls;
mod transaction_page;
mod transfer_commands;
mod write_protection;
