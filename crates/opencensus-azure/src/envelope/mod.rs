//! Limits and primitive types of the schema, and what the service refuses.
//!
//! Lengths are counted in UTF-16 code units, as Microsoft's SDKs do. Texts are cut between characters.

mod field;
mod limit;
mod refusal;
mod time;

pub(crate) use field::{Field, fields};
pub(crate) use limit::{cut, cut_encoded, encoded_length};
pub(crate) use refusal::{Fact, MAX_ITEM, MIN_SAMPLE_RATE, Refusal, refusal};
pub(crate) use time::{write_duration, write_time};
