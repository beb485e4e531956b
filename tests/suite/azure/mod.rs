//! The middleware and OpenTelemetry's SDK send telemetry to an ingestion endpoint.

mod development_telemetry;
mod envelopes;
mod outbound_proxy;
mod service_rules;
mod telemetry_kinds;
mod tests_of_applications;
