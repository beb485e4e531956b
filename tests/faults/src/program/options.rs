//! How a child is started.

use std::path::{Path, PathBuf};

/// The settings of a child, as environment variables.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Options {
    /// The default settings, with a store in this folder.
    pub(crate) fn new(connection_string: String, store: &Path) -> Self {
        let path = PathBuf::from(store).to_string_lossy().into_owned();
        let connection = ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection_string);
        Self { variables: vec![connection, ("OPENCENSUS_STORE_PATH", path)] }
    }

    /// Adds a variable.
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.variables.push((name, value.to_string()));
        self
    }

    /// The program writes no ids: their pipe is not measured.
    pub(crate) fn without_ids(self) -> Self {
        self.with(super::app::IDS, false)
    }
}
