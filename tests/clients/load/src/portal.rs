//! The process of the portal, and its memory.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use test_support::process::Program;

const SAMPLE_INTERVAL: Duration = Duration::from_secs(1);

/// A portal with a new database and state folder. It is killed when this value is dropped.
pub(crate) struct Portal {
    address: SocketAddr,
    process: u32,
    _program: Program,
    _folder: TempDir,
}

/// The memory of the portal at one time.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) second: f64,
    pub(crate) mebibytes: f64,
}

impl Portal {
    pub(crate) fn start(program: &Path) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0", "--db"]).arg(folder.path().join("portal.db"));
        command.env("HOME", folder.path()).env("XDG_STATE_HOME", folder.path().join("state"));
        let mut program = Program::start(&mut command);
        let address = program.wait_for_address();
        Ok(Self { address, process: program.id(), _program: program, _folder: folder })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the process.
    pub(crate) fn process(&self) -> u32 {
        self.process
    }
}

/// Samples the resident memory of a process once a second. Returns nothing where there is no `/proc`.
pub(crate) fn sample_memory(process: u32, begun: Instant, ended: &AtomicBool) -> Vec<Sample> {
    let mut samples = Vec::new();
    while !ended.load(Ordering::Relaxed) {
        if let Some(mebibytes) = resident_mebibytes(process) {
            samples.push(Sample { second: begun.elapsed().as_secs_f64(), mebibytes });
        }
        std::thread::sleep(SAMPLE_INTERVAL);
    }
    samples
}

/// The processor time that a process has used, in seconds.
pub(crate) fn processor_seconds(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program may contain spaces. User and system time are the 14th and 15th field, in hundredths.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn resident_mebibytes(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}
