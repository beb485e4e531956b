//! The traces of what an exporter received.

use std::sync::{Arc, Mutex};

/// The ids of the traces of what an exporter received: one entry an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded(Arc<Mutex<Vec<u128>>>);

impl Recorded {
    pub(crate) fn add(&self, id: u128) {
        self.0.lock().expect("no exporter panics").push(id);
    }

    /// The ids in ascending order.
    pub(crate) fn sorted(&self) -> Vec<u128> {
        let mut ids = self.0.lock().expect("no exporter panics").clone();
        ids.sort_unstable();
        ids
    }
}

/// Why a case runs.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    Time,
    /// Under valgrind, where no worker may run.
    Count,
    /// Whether it records what it should.
    Check(Recorded),
}

impl Purpose {
    pub(crate) fn recorded(&self) -> Option<Recorded> {
        match self {
            Self::Check(recorded) => Some(recorded.clone()),
            Self::Time | Self::Count => None,
        }
    }
}
