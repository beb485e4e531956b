//! Environment variables in texts: `${NAME}`, `${NAME:-default}`, and `$${` for a literal `${`.

mod reference;
mod tree;

pub use reference::{Lookup, escape, fill};
pub use tree::Interpolation;
