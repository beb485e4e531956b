//! Faults of the disk, in tests.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Makes a call to the disk fail, or every call from one on, as if the process had ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    calls: u64,
    fail_at: Option<(u64, i32)>,
    die_at: Option<u64>,
    watch: Option<fn(&Path) -> u64>,
    folder: PathBuf,
    most: u64,
}

impl Faults {
    /// The call with this number from now on fails with this error; 0 is the next one.
    pub(super) fn fail_at(&self, call: u64, error: i32) {
        let mut plan = self.0.lock().unwrap();
        plan.fail_at = Some((plan.calls + call, error));
    }

    /// The call with this number from now on and all later ones fail; a write stops half-way.
    pub(super) fn die_at(&self, call: u64) {
        let mut plan = self.0.lock().unwrap();
        plan.die_at = Some(plan.calls + call);
    }

    /// Measures a folder at every call from now on.
    pub(super) fn watch(&self, folder: &Path, size: fn(&Path) -> u64) {
        let mut plan = self.0.lock().unwrap();
        plan.folder = folder.to_owned();
        plan.watch = Some(size);
    }

    /// The largest size that was measured.
    pub(super) fn most(&self) -> u64 {
        self.0.lock().unwrap().most
    }

    pub(super) fn calls(&self) -> u64 {
        self.0.lock().unwrap().calls
    }

    pub(super) fn step(&self) -> io::Result<()> {
        let mut plan = self.0.lock().unwrap();
        let call = plan.calls;
        plan.calls += 1;
        if let Some(size) = plan.watch {
            plan.most = plan.most.max(size(&plan.folder));
        }
        if plan.die_at.is_some_and(|at| at <= call) {
            return Err(io::Error::other("the process has ended"));
        }
        match plan.fail_at {
            Some((at, error)) if at == call => Err(io::Error::from_raw_os_error(error)),
            _ => Ok(()),
        }
    }
}
