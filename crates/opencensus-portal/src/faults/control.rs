//! Switches faults from Rust.

use crate::faults::fault::Fault;
use crate::faults::fault_error::FaultError;
use crate::faults::queue::FaultReport;
use crate::portal::Portal;

impl Portal {
    /// Applies a fault to the next ingestion posts, after the faults that are active already.
    ///
    /// # Errors
    ///
    /// A part of the fault is invalid, or 100 faults are active.
    pub fn inject(&self, fault: Fault) -> Result<(), FaultError> {
        self.state().faults.add(fault)
    }

    /// The active faults, and the posts that faults were applied to.
    #[must_use]
    pub fn faults(&self) -> FaultReport {
        self.state().faults.report()
    }

    /// Ends all faults. The portal responds as usual again.
    pub fn end_faults(&self) {
        self.state().faults.end();
    }
}
