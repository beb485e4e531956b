//! What a process uses, read from `/proc`.

use std::fs;
use std::time::Duration;

use crate::server;

/// Processor time and voluntary context switches of a process so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Of the thread that serves.
    pub(crate) serving: Duration,
    /// Of all other threads.
    pub(crate) others: Duration,
    /// Of all other threads: each is a sleep, and a wake-up after it.
    pub(crate) others_sleeps: u64,
}

impl Usage {
    /// The threads of a process must not end while it is measured.
    pub(crate) fn of(process: u32) -> Self {
        let mut usage = Self::default();
        for task in fs::read_dir(format!("/proc/{process}/task")).expect("a process") {
            let task = task.expect("a thread").path();
            let read = |name| fs::read_to_string(task.join(name)).expect("a file of a thread");
            let nanos = read("schedstat").split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("a time");
            let time = Duration::from_nanos(nanos);
            if read("comm").trim_end() == server::THREAD {
                usage.serving += time;
            } else {
                usage.others += time;
                usage.others_sleeps += number(&read("status"), "voluntary_ctxt_switches:");
            }
        }
        usage
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            serving: self.serving - before.serving,
            others: self.others - before.others,
            others_sleeps: self.others_sleeps - before.others_sleeps,
        }
    }

    /// Of all threads.
    pub(crate) fn whole(&self) -> Duration {
        self.serving + self.others
    }
}

/// Resident memory in MiB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: f64,
    pub(crate) highest: f64,
}

impl Memory {
    /// Of this process.
    pub(crate) fn read() -> Self {
        let status = fs::read_to_string("/proc/self/status").expect("the status");
        let mebibytes = |name| number(&status, name) as f64 / 1024.0;
        Self { now: mebibytes("VmRSS:"), highest: mebibytes("VmHWM:") }
    }
}

/// The number after a name at the start of a line.
fn number(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of the status");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}
