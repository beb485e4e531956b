//! The table of settings. Each setting is one row, by which it is read from files and the environment and written to
//! files. Tests compare the rows with the setters and with the documentation.

#[macro_use]
mod row;

mod all;
#[cfg(feature = "azure")]
mod azure;
#[cfg(all(test, feature = "azure", feature = "logging"))]
mod documentation;
mod limits;
mod trace;
mod write;

pub(crate) use all::ALL;
