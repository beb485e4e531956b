//! Builds the formatters, filters and handlers of a configuration by their classes. Nothing here uses the logging
//! system that is configured.

mod arguments;
mod class_advice;
mod class_registry;
mod class_table;
mod file_classes;
mod filter_classes;
mod foreign_classes;
mod formatter_classes;
mod handler_classes;
#[cfg(feature = "mail")]
mod mail_admins;
mod network_classes;
mod registered;
#[cfg(feature = "mail")]
mod smtp;
mod values;

pub use arguments::Arguments;
pub(crate) use arguments::BuiltHandlers;
pub(crate) use class_registry::ClassRegistry;
pub(crate) use class_table::ClassTable;
#[cfg(feature = "mail")]
pub(crate) use mail_admins::register_mail_admins;
pub(crate) use registered::{never_waits, register_built_in};
#[cfg(feature = "mail")]
pub(crate) use smtp::register_smtp;
pub(crate) use values::{flag, is_absent, level, names, number, redact_value};
