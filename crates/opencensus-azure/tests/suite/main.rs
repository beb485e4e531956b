//! The exporter against an ingestion endpoint and against test vectors: one binary, a module per part.

mod connection_strings;
mod destination;
mod endpoint;
mod failure_lines;
mod forward_proxy;
mod ingestion_responses;
mod interrupted_responses;
mod items;
mod outbound_proxy;
mod random_input;
mod schema;
mod spans;
mod support;
