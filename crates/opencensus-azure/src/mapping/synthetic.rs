//! Synthetic traffic: requests of robots and availability tests.

use opencensus_core::Value;

/// OpenTelemetry's attribute (user agent conventions).
pub(crate) const SYNTHETIC_TYPE: &str = "user_agent.synthetic.type";

/// Whether the value of [`SYNTHETIC_TYPE`] names synthetic traffic.
pub(crate) fn is_synthetic_type(value: &Value) -> bool {
    matches!(value.to_string().as_str(), "bot" | "test")
}

/// Whether the user agent is that of Azure's availability tests.
pub(crate) fn is_availability_test(user_agent: &str) -> bool {
    user_agent.contains("AlwaysOn")
}
