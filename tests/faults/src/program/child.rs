//! A child process: starts, commands, ends.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Counters, Options, ProcessUsage};

/// How long the parent waits for an output that must come.
const PATIENCE: Duration = Duration::from_secs(120);

enum Event {
    Ready,
    Done,
    Stats(Counters),
    End(Counters),
}

/// A running program. It is killed when this value is dropped.
pub(crate) struct Child {
    process: std::process::Child,
    stdin: ChildStdin,
    events: Receiver<Event>,
    finished: Arc<Mutex<Vec<u64>>>,
    reader: Option<JoinHandle<()>>,
}

impl Child {
    /// Starts the program and waits until it is ready.
    pub(crate) fn start(options: &Options) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.arg("app").env_clear().envs(options.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr());
        let mut process = command.spawn().expect("a process");
        let stdin = process.stdin.take().expect("standard input");
        let stdout = process.stdout.take().expect("standard output");
        let (sender, events) = channel();
        let finished = Arc::new(Mutex::new(Vec::new()));
        let ids = finished.clone();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                read(&line, &ids, &sender);
            }
        });
        let child = Self { process, stdin, events, finished, reader: Some(reader) };
        assert!(matches!(child.next(), Event::Ready), "the program begins with `ready`");
        child
    }

    /// Begins to handle requests.
    pub(crate) fn begin(&mut self, first: u64, count: u64, rate: u64) {
        self.command(&format!("run {first} {count} {rate}"));
    }

    /// Waits until the requests are handled.
    pub(crate) fn wait_done(&mut self) {
        while !matches!(self.next(), Event::Done) {}
    }

    /// Handles requests.
    pub(crate) fn run(&mut self, first: u64, count: u64, rate: u64) {
        self.begin(first, count, rate);
        self.wait_done();
    }

    /// The counters now.
    pub(crate) fn counters(&mut self) -> Counters {
        self.command("stats");
        loop {
            if let Event::Stats(counters) = self.next() {
                return counters;
            }
        }
    }

    /// What the process uses now.
    pub(crate) fn usage(&self) -> ProcessUsage {
        ProcessUsage::of(self.process.id())
    }

    /// The ids of finished requests so far.
    pub(crate) fn finished(&self) -> Vec<u64> {
        self.finished.lock().expect("ids").clone()
    }

    /// Kills the process with SIGKILL. Returns the ids of all requests that it finished.
    pub(crate) fn kill(mut self) -> Vec<u64> {
        self.process.kill().expect("a running process");
        self.process.wait().expect("a status");
        self.reader.take().expect("one end").join().expect("the reader");
        self.finished()
    }

    /// Shuts the process down. Returns its last counters.
    pub(crate) fn shutdown(mut self, deadline: Duration) -> Counters {
        self.command(&format!("shutdown {}", deadline.as_millis()));
        self.wait_for_end().0
    }

    /// Sends SIGTERM. Returns the last counters, and the time until the process had ended.
    pub(crate) fn terminate(mut self) -> (Counters, Duration) {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, Signal::TERM).expect("a running process");
        self.wait_for_end()
    }

    fn wait_for_end(&mut self) -> (Counters, Duration) {
        let start = Instant::now();
        let counters = loop {
            if let Event::End(counters) = self.next() {
                break counters;
            }
        };
        let status = self.process.wait().expect("a status");
        assert!(status.success(), "{status}");
        (counters, start.elapsed())
    }

    fn next(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("the program goes on")
    }

    fn command(&mut self, line: &str) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).expect("a running process");
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program's warnings, if `FAULTS_VERBOSE` is set.
fn stderr() -> Stdio {
    if std::env::var_os("FAULTS_VERBOSE").is_some() { Stdio::inherit() } else { Stdio::null() }
}

fn read(line: &str, ids: &Mutex<Vec<u64>>, events: &Sender<Event>) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let event = match word {
        "ready" => Event::Ready,
        "done" => Event::Done,
        "stats" => Event::Stats(Counters::parse(rest)),
        "end" => Event::End(Counters::parse(rest)),
        _ => {
            // A last line that the kill cut off in the pipe is no finished request.
            ids.lock().expect("ids").extend(word.parse::<u64>());
            return;
        }
    };
    let _ = events.send(event);
}
