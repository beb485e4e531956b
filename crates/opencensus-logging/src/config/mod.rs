//! Configurations in the form of Python's
//! [`dictConfig`](https://docs.python.org/3/library/logging.config.html#logging-config-dictschema).
//!
//! The keys are `version` (1), `disable_existing_loggers` (absent: false, or true in [Python's
//! dialect](crate::Dialect)), `incremental`, `formatters`, `filters`, `handlers`, `loggers` and `root`. A table names
//! its class by `()` or `class`, and sets attributes by `.`; `cfg://` refers to another part of the configuration,
//! `ext://` to a stream or a function; `${NAME}` and `${NAME:-default}` are replaced by environment variables, except
//! in formats.
//!
//! A configuration is checked as a whole before anything changes. All its faults are reported at once, each with its
//! place. Then it is applied in one step: a record is handled by the old configuration or by the new one.

mod apply;
mod configure;
mod continued;
mod defaults;
mod django;
mod django_settings;
mod faults;
#[cfg(feature = "file")]
mod file_watch;
mod keys;
#[cfg(feature = "mail")]
mod mail_settings;
mod parts;
mod place;
mod plan;
mod resolve;
mod setup;
#[cfg(feature = "file")]
mod source;

pub use defaults::Defaults;
pub use django::{LoggingConfig, Setup};
#[cfg(feature = "file")]
pub use file_watch::FileWatch;
pub use opencensus_settings::Checked;
pub use opencensus_settings::{Fault, InvalidSettings};
#[cfg(feature = "file")]
pub use source::ConfigFileError;

pub use crate::build::Arguments;
