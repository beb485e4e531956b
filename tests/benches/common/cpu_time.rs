//! CPU time. Other processes that use the same cores do not add to it, as they do to the time on the clock.

use rustix::time::{ClockId, clock_gettime};

/// The nanoseconds for which this thread and this process have used a core.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuTime {
    pub(crate) thread: f64,
    /// All threads, those that have ended too.
    #[allow(dead_code, reason = "not every benchmark measures the process")]
    pub(crate) process: f64,
}

impl CpuTime {
    pub(crate) fn now() -> Self {
        Self { thread: nanos(ClockId::ThreadCPUTime), process: nanos(ClockId::ProcessCPUTime) }
    }
}

fn nanos(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}
