//! Behaviour of the layer around tower services, including those of axum. The tests call them in process.

mod error_types;
mod layer;
mod layer_order;
mod misplaced_layer;
mod nested_routes;
mod request_telemetry;
