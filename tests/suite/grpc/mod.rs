//! gRPC calls, sent by tonic's client to tonic's server, with the layer in each of its places.

mod calls;
mod client;
mod greeter;
mod observed;
mod server;
mod web;
