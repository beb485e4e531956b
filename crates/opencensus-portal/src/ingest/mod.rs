//! The ingestion endpoint: `/v2/track` and `/v2.1/track`.

mod body;
mod envelope;
mod time;
mod track;

pub(crate) use body::MAX_COMPRESSED;
pub(crate) use track::track;
