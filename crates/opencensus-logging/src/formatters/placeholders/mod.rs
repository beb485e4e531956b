//! Placeholders of the three styles.

pub(super) mod brace;
pub(super) mod dollar;
mod number;
pub(super) mod percent;
