//! Maps attributes and records to the fields of Application Insights' telemetry.

pub(crate) mod attributes;
pub(crate) mod dependency;
pub(crate) mod request;
pub(crate) mod span;
pub(crate) mod stack;

mod links;
mod synthetic;
mod tag;
mod url;
mod value;

pub(crate) use links::links;
pub(crate) use synthetic::{synthetic_source, test_session_and_user};
pub(crate) use tag::{is_measurement, property_limit, tag_of};
pub(crate) use value::write_value;
