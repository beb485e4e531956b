//! Placeholders in the three styles of formats.

pub(super) mod brace;
pub(super) mod dollar;
pub(crate) mod percent;
