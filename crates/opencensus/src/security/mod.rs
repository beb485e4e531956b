//! What is suspicious about a request.

mod allowed_hosts;
mod hosts_layer;

pub use allowed_hosts::AllowedHosts;
#[cfg(feature = "actix")]
pub(crate) use hosts_layer::only;
pub use hosts_layer::{AllowedHostsFuture, AllowedHostsLayer, AllowedHostsService};
