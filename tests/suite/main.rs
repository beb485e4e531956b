//! Tests that need more than one crate: one binary, one module per behaviour.

mod actix;
mod at_the_edge;
mod azure;
mod calls;
mod coexistence;
mod defects;
mod features;
mod frameworks;
mod grpc;
mod logging;
mod opentelemetry;
mod pipeline_lifecycle;
mod request_logging;
mod sampling_simulation;
mod sdk;
mod settings;
mod snippets;
mod support;
mod tower;
mod tracing_layer;
mod transactions;
