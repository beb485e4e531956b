//! What is suspicious about a request.

mod allowed_hosts;
mod hosts_layer;
mod suspicion;
mod suspicious_operation;

pub use allowed_hosts::AllowedHosts;
#[cfg(feature = "actix")]
pub(crate) use hosts_layer::only;
pub use hosts_layer::{AllowedHostsFuture, AllowedHostsLayer, AllowedHostsService};
pub use suspicion::Suspicion;
pub use suspicious_operation::SuspiciousOperation;
