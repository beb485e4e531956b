//! Child processes: programs under test, and tests that need a separate process.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::TIMEOUT;

/// The file of a report in its folder.
const REPORT: &str = "report";

/// A signal that stops a program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// `SIGINT`, which Ctrl-C sends.
    Interrupt,
    /// `SIGTERM`, which orchestrators send.
    Terminate,
}

/// The text that a program has written so far.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Standard output. Every line ends with `\n`.
    pub stdout: String,
    /// Standard error. Every line ends with `\n`.
    pub stderr: String,
}

enum Line {
    Stdout(String),
    Stderr(String),
}

/// A running program. It is killed when this value is dropped.
pub struct Program {
    child: Child,
    lines: Receiver<Line>,
    output: Output,
}

impl Program {
    /// Starts a program and captures its output.
    ///
    /// # Panics
    ///
    /// If the program cannot be started.
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, lines) = channel();
        // A pipe holds little, so threads read both at once.
        forward(child.stdout.take().unwrap(), sender.clone(), Line::Stdout);
        forward(child.stderr.take().unwrap(), sender, Line::Stderr);
        Self { child, lines, output: Output::default() }
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of output, on either stream, from which `find` takes a value.
    ///
    /// # Panics
    ///
    /// If the program closes its output or [`TIMEOUT`] passes before such a line.
    pub fn wait_for_line<T>(&mut self, mut find: impl FnMut(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + TIMEOUT;
        while let Ok(line) = self.next_line(deadline) {
            if let Some(found) = find(&line) {
                return found;
            }
        }
        panic!("the program wrote no such line: {:?}", self.output);
    }

    /// Waits for a line that contains an address such as `127.0.0.1:3000`, and returns the address.
    ///
    /// # Panics
    ///
    /// As [`Program::wait_for_line`].
    pub fn wait_for_address(&mut self) -> SocketAddr {
        self.wait_for_line(|line| {
            // The library's line names the address of the endpoint.
            let line = if line.contains("telemetry is on") { "" } else { line };
            let is_outside = |c: char| !c.is_ascii_digit() && c != '.' && c != ':';
            line.split(is_outside).find_map(|word| word.trim_start_matches(':').parse().ok())
        })
    }

    /// Sends a signal to the program.
    ///
    /// # Panics
    ///
    /// If the program has already been waited for.
    pub fn signal(&self, signal: Signal) {
        let name = match signal {
            Signal::Interrupt => "INT",
            Signal::Terminate => "TERM",
        };
        // `kill` is built into the shell; not every machine has the program.
        let kill = format!("kill -s {name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
    }

    /// Waits until the program ends, and returns its status and all its output.
    ///
    /// # Panics
    ///
    /// If the program still runs after `limit`.
    pub fn wait(mut self, limit: Duration) -> (ExitStatus, Output) {
        let deadline = Instant::now() + limit;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "the program still runs after {limit:?}: {:?}", self.output);
            let _ = self.next_line(deadline.min(Instant::now() + Duration::from_millis(10)));
            std::thread::sleep(Duration::from_millis(1));
        };
        while self.next_line(Instant::now() + TIMEOUT).is_ok() {}
        (status, std::mem::take(&mut self.output))
    }

    /// The output so far.
    pub fn output(&mut self) -> &Output {
        while self.next_line(Instant::now()).is_ok() {}
        &self.output
    }

    fn next_line(&mut self, deadline: Instant) -> Result<String, RecvTimeoutError> {
        let (text, line) = match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now()))? {
            Line::Stdout(line) => (&mut self.output.stdout, line),
            Line::Stderr(line) => (&mut self.output.stderr, line),
        };
        text.push_str(&line);
        text.push('\n');
        Ok(line)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn forward(stream: impl Read + Send + 'static, lines: Sender<Line>, of: fn(String) -> Line) {
    std::thread::spawn(move || {
        let mut text = BufReader::new(stream).lines().map_while(Result::ok);
        text.try_for_each(|line| lines.send(of(line)))
    });
}

/// Runs one test of this test binary in a separate process, and returns its standard output.
///
/// `test` is the full path of the test, such as `frontends::child`. The test should return at once if `variables` are
/// not set, because the test runner also runs it directly.
///
/// # Panics
///
/// If the test fails or does not exist.
pub fn run_test(test: &str, variables: &[(&str, &str)]) -> String {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(child.stdout).unwrap();
    assert!(child.status.success(), "{text}{}", String::from_utf8_lossy(&child.stderr));
    assert!(text.contains("1 passed"), "there is no test `{test}`: {text}");
    text
}

/// Writes the report of a process that outlives its parent, for [`wait_for_report`].
///
/// # Panics
///
/// If the report cannot be written to the folder.
pub fn write_report(folder: &Path, report: &str) {
    let part = folder.join("report.part");
    std::fs::write(&part, report).unwrap();
    std::fs::rename(part, folder.join(REPORT)).unwrap();
}

/// Waits for a report in the folder, and returns it.
///
/// # Panics
///
/// If there is none in time.
#[must_use]
pub fn wait_for_report(folder: &Path) -> String {
    let (report, begun) = (folder.join(REPORT), Instant::now());
    while !report.exists() {
        assert!(begun.elapsed() < TIMEOUT, "the process reports");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::fs::read_to_string(report).unwrap()
}
