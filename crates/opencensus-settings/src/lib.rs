#![doc = include_str!("../README.md")]

pub mod checked;
pub mod error_type;
#[cfg(feature = "file")]
pub mod file;
pub mod foreign_file;
pub mod interpolation;
pub mod list;
pub mod parse;
pub mod python_literal;
pub mod quote;
pub mod read;
pub mod redact;
pub mod secret_names;
pub mod suggestion;

mod fault;
mod invalid_settings;
#[cfg(feature = "json")]
mod json;
mod text;
mod value;
#[cfg(feature = "serde")]
mod value_serde;

pub use checked::Checked;
pub use fault::Fault;
pub use invalid_settings::InvalidSettings;
pub use text::Text;
pub use value::{Argument, Call, Value};
