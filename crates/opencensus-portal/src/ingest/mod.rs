//! The ingestion endpoint: `/v2/track` and `/v2.1/track`.

pub(crate) mod body;
mod envelope;
mod time;
mod track;

pub(crate) use track::track;
