//! The tree of loggers: levels, propagation, and the handlers that a logger's records reach.
//!
//! A lock guards changes of the tree. A call that logs does not take it: each logger has a [`LoggerRoute`] with its
//! level, its filters, and the handlers up to the root. A change replaces the routes; a record takes the old route or
//! the new one.

mod logger_node;
mod logger_state;
mod logger_tree;
mod name;

pub(crate) use logger_node::{LoggerNode, LoggerRoute};
pub use logger_state::LoggerState;
pub(crate) use logger_tree::{LoggerChange, LoggerTree};
pub(crate) use name::{ROOT, ROOT_DISPLAY, canonical};
