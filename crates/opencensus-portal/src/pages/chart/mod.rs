//! Charts as SVG, which the server draws. Each chart has a text beside it that states its values.

mod buckets;
mod spark;

pub(super) use buckets::Buckets;
pub(super) use spark::{bars, steps};
