//! The tree of loggers: levels, propagation, and which handlers a logger's records reach.
//!
//! The tree is changed under a lock. For whoever logs each logger has a [`Route`]: its level, its filters, and the
//! handlers up to the root, put together. A change replaces routes; a record goes one route, the old or the new.

mod logger_node;
mod tree;

pub(crate) use logger_node::{Node, Route};
pub use tree::LoggerState;
pub(crate) use tree::{LoggerChange, ROOT, Tree, canonical};
