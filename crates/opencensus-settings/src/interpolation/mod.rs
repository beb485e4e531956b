//! Replaces references to environment variables in texts: `${NAME}` and `${NAME:-default}`. `$${` is a literal `${`.

mod reference;
mod tree;

pub use reference::{Lookup, escape, fill};
pub use tree::Interpolation;
