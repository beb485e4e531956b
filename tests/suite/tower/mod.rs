//! Behaviour of tower services, axum's among them, driven in process.

mod layer;
mod layer_order;
mod request_telemetry;
