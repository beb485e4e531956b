//! Readers of the settings that have a form of their own.

mod entries;
mod parent_trust;
mod propagators;
mod rate_rules;
mod sampler;

pub(crate) use entries::{allowed_hosts, headers, hosts, paths, proxies};
pub(crate) use parent_trust::parent_trust;
pub(crate) use propagators::{by_name as propagator_by_name, propagator_names, propagators};
pub(crate) use rate_rules::rate_rules;
pub(crate) use sampler::{rate, sampler, traces_per_second};
