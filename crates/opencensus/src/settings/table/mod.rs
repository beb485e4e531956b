//! The table of settings: each is one row, from which files and the environment are read and files are written. Tests
//! compare the rows with the setters and with the documentation.

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
