//! Everything that needs more than one crate: one binary, a module per behaviour.

mod azure;
mod capture;
mod chaos;
mod contract;
mod defects;
mod gauges;
mod handler;
mod http2;
mod lifecycle;
mod load;
mod middleware;
mod neighbours;
mod observers;
mod opentelemetry;
mod page;
mod portal;
mod propagation;
mod proxies;
mod sampling;
mod sampling_vectors;
mod settings;
mod simulation;
mod stacks;
mod support;
mod vectors;
mod w3c;
