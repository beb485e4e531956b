//! Limits and primitive types of the schema.
//!
//! Lengths are counted in UTF-16 code units, as Microsoft's SDKs do. Texts are cut between characters.

mod limit;
mod time;

pub(crate) use limit::{cut, limits};
pub(crate) use time::{write_duration, write_time};
