//! Maps attributes and records to the fields of Application Insights' telemetry.

pub(crate) mod attributes;
pub(crate) mod dependency;
pub(crate) mod request;
pub(crate) mod span;
pub(crate) mod span_url;
pub(crate) mod stack;
pub(crate) mod tag;

mod links;
mod message;
mod number;
mod redact;
mod synthetic;
mod unnamed;
mod url;
mod value;

pub(crate) use links::links;
pub(crate) use number::integer;
pub(crate) use redact::redact_value;
pub(crate) use synthetic::{SyntheticSources, test_session_and_user};
pub(crate) use unnamed::{message_of, name_of};
pub(crate) use value::write_value;
