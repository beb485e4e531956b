//! The behaviour is the same on every framework: the tests run on real servers of axum, actix-web and hyper.

mod bodies;
mod chaos;
mod client_address;
mod connection;
mod exceptions;
mod failures;
mod header_capture;
mod http2;
mod inner_requests;
mod load;
mod observers;
mod propagation;
mod propagation_vectors;
mod record_requests;
mod request_counts;
mod request_rows;
mod sampling;
mod synthetic_tests;
mod targets;
mod urls;
mod w3c;
