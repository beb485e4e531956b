//! What a process uses, read from `/proc`.

use std::fs;

/// What a process uses now, or has used since its start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProcessUsage {
    /// Resident memory, in KiB.
    pub(crate) resident: u64,
    /// The most resident memory so far, in KiB.
    pub(crate) peak: u64,
    /// Threads.
    pub(crate) threads: u64,
    /// Open descriptors.
    pub(crate) descriptors: u64,
    /// Processor time, in clock ticks of 10 ms.
    pub(crate) ticks: u64,
    /// Bytes that went to the disk, those included that are later cancelled.
    pub(crate) written: u64,
    /// Of these, bytes that never reached the disk because their file was deleted first.
    pub(crate) cancelled: u64,
    /// System calls that write, to sockets and pipes, too.
    pub(crate) writes: u64,
}

impl ProcessUsage {
    /// Reads the values of a process. Those of a process that has ended are 0.
    pub(crate) fn of(pid: u32) -> Self {
        let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let (status, io, stat) = (read("status"), read("io"), read("stat"));
        // After the name in parentheses: state is field 3, utime 14, stime 15.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        Self {
            resident: field(&status, "VmRSS"),
            peak: field(&status, "VmHWM"),
            threads: field(&status, "Threads"),
            descriptors: fs::read_dir(format!("/proc/{pid}/fd")).map(Iterator::count).unwrap_or_default() as u64,
            ticks: fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum(),
            written: field(&io, "write_bytes"),
            cancelled: field(&io, "cancelled_write_bytes"),
            writes: field(&io, "syscw"),
        }
    }
}

/// The number behind a name at the start of a line.
fn field(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.and_then(|value| value.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_threads_and_descriptors() {
        let usage = ProcessUsage::of(std::process::id());
        assert!(usage.resident > 0 && usage.threads > 0 && usage.descriptors > 2, "{usage:?}");
    }
}
