//! Protection against forged and suspicious requests: allowed hosts, trusted proxies, and the extension that marks a
//! response to a suspicious request.

mod allowed_hosts;
mod hosts_layer;

pub use allowed_hosts::AllowedHosts;
#[cfg(feature = "actix")]
pub(crate) use hosts_layer::single_line;
pub use hosts_layer::{AllowedHostsFuture, AllowedHostsLayer, AllowedHostsService};
pub use opencensus_core::request::ClientHeader;
pub use opencensus_core::{ForwardedHeader, InvalidProxy};

pub use crate::handler::Suspicion;
