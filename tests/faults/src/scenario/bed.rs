//! What every scenario has: a folder, an endpoint, and children that use both.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::endpoint::{Behaviour, Endpoint};
use crate::program::{Child, Options};

/// How long a scenario waits for items that must arrive.
pub(super) const RECOVERY: Duration = Duration::from_secs(40);

/// How long a scenario runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bed {
    /// Fewer requests and shorter faults: for CI.
    pub(crate) quick: bool,
}

impl Bed {
    /// The first, or in a quick run the second.
    pub(super) fn choose<T>(self, whole: T, quick: T) -> T {
        if self.quick { quick } else { whole }
    }
}

/// An endpoint, and a folder for the stores of its children.
pub(super) struct Place {
    pub(super) endpoint: Endpoint,
    folder: TempDir,
}

impl Place {
    /// A new folder, and an endpoint with this behaviour.
    pub(super) fn new(behaviour: Behaviour) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { endpoint: Endpoint::start(behaviour), folder }
    }

    /// The folder of the store.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The default settings of a child.
    pub(super) fn options(&self) -> Options {
        Options::new(self.endpoint.connection_string(), &self.folder().join("store"))
    }

    /// Starts a child with the default settings.
    pub(super) fn start(&self) -> Child {
        Child::start(&self.options())
    }

    /// Starts a child with short waits between retries, so that the endpoint's recovery is soon noticed.
    pub(super) fn start_impatient(&self) -> Child {
        Child::start(&self.options().with("OPENCENSUS_RETRY_MAX", "2s"))
    }
}
