//! Telemetry at an ingestion endpoint, from the middleware and from OpenTelemetry's SDK.

mod envelopes;
mod outbound_proxy;
mod telemetry_kinds;
