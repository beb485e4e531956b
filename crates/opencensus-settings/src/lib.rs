#![doc = include_str!("../README.md")]

pub mod checked;
pub mod interpolation;
pub mod parse;
pub mod quote;
pub mod redact;
pub mod secret_names;
pub mod suggestion;

mod fault;
mod invalid_settings;
mod text;

pub use checked::Checked;
pub use fault::Fault;
pub use invalid_settings::InvalidSettings;
pub use text::Text;
