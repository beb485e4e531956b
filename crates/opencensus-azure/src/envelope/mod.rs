//! The schema's types and limits.
//!
//! Lengths are UTF-16 code units, the unit of the service's own SDKs' platform; nothing is cut
//! inside a character.

mod limit;
mod time;

pub(crate) use limit::{cut, limits};
pub(crate) use time::{write_duration, write_time};
