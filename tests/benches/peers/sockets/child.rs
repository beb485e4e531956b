//! A process of this program that obeys lines on its standard input.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};

/// The process. It ends when this value is dropped.
pub(crate) struct Child {
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _state: StateFolder,
}

/// A folder for what a process keeps on disk, which is deleted at the end.
struct StateFolder(PathBuf);

impl Child {
    /// Starts this program with these arguments. Returns the process and the first line that it prints.
    pub(crate) fn start(arguments: &[&str]) -> (Self, String) {
        let state = StateFolder::new();
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .args(arguments)
            .env("XDG_STATE_HOME", state.path())
            .env_remove("STATE_DIRECTORY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let input = process.stdin.take().expect("its input");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let mut child = Self { process, input, output, _state: state };
        let first = child.line();
        (child, first)
    }

    /// Sends a command and returns the line that the child responds with.
    pub(crate) fn command(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}").expect("the child reads");
        self.line()
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).expect("a line");
        assert!(read > 0, "the child has ended");
        line.trim_end().to_owned()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl StateFolder {
    fn new() -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("opencensus-bench-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Calls `respond` with every line of the standard input, and prints what it returns. Returns when the input ends.
pub(crate) fn obey(mut respond: impl FnMut(&str) -> String) {
    for line in std::io::stdin().lines() {
        let Ok(line) = line else { return };
        println!("{}", respond(&line));
    }
}
