//! Reads the settings that have a specific syntax.

#[cfg(feature = "azure")]
pub(crate) mod azure;
mod entries;
mod exporter;
mod forwarded_header;
mod parent_trust;
mod propagators;
mod rate_rules;
mod resource;
mod sampler;
mod store;

pub(crate) use entries::{allowed_hosts, headers, hosts, methods, paths, proxies, secret_names};
pub(crate) use exporter::exporter;
pub(crate) use forwarded_header::{forwarded_header, forwarded_header_name};
pub(crate) use parent_trust::parent_trust;
pub(crate) use propagators::{by_name as propagator_by_name, propagator_names, propagators};
pub(crate) use rate_rules::rate_rules;
pub(crate) use resource::resource;
pub(crate) use sampler::{rate, sampler, traces_per_second};
pub(crate) use store::store_bytes;
