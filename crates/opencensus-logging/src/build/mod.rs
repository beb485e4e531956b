//! What configurations name is built: formatters, filters and handlers by their classes.

mod arguments;
mod class_registry;
mod handler_classes;
#[cfg(feature = "mail")]
mod mail_admins;

pub use arguments::Arguments;
pub(crate) use class_registry::{Configurator, Factories, Factory};
pub(crate) use handler_classes::{filter, formatter, handler, writes};
