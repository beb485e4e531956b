//! Reads typed values from a tree.
//!
//! Each reader accepts the value itself and a text that contains it, because the values of environment variables are
//! texts. A fault never repeats a secret.

mod choice;
mod fields;
mod scalar;
mod texts;

pub use choice::choice;
pub use fields::{Field, fields};
pub use scalar::{boolean, bytes, count, duration, number, path};
pub use texts::texts;
