//! Background work that can be waited for.

use std::time::Instant;

/// Background work that can be waited for.
pub(crate) trait Drain: Send + Sync {
    /// Waits until the work is done, or rests until a server is reachable again. `false`: the deadline passed before.
    fn wait_drained(&self, deadline: Instant) -> bool;

    /// Called at a shutdown: the thread tries the remaining work once more, and stops.
    fn stop(&self) {}

    /// Waits until the thread has stopped. `false`: the deadline passed before.
    fn wait_stopped(&self, deadline: Instant) -> bool {
        let _ = deadline;
        true
    }
}
