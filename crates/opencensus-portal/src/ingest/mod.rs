//! The ingestion endpoint: `/v2/track` and `/v2.1/track`; and what the endpoint of OpenTelemetry shares with it.

mod app_id;
pub(crate) mod body;
mod check;
mod cut;
mod decompress;
mod defect;
mod encoding;
mod endpoint;
mod envelope;
mod fault;
mod imported;
mod intake;
mod post;
mod problem;
mod properties;
mod receive;
mod refused;
mod response;
mod routes;
mod rules;
mod shorten;
mod split;
mod time;
mod title;
mod track;

pub(crate) use decompress::MAX_COMPRESSED;
pub(crate) use endpoint::Endpoint;
pub(crate) use envelope::parse as parse_envelope;
pub(crate) use imported::parse_imported;
pub(crate) use intake::Intake;
pub(crate) use receive::receive;
pub(crate) use refused::{refused_body, refused_item};
pub(crate) use routes::routes;
pub(crate) use shorten::{shorten, shorten_text};
