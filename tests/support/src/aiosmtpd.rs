//! A mail server in Python, [aiosmtpd](https://aiosmtpd.aio-libs.org): an independent implementation of SMTP.
//!
//! Tests that use it carry `#[ignore = "needs aiosmtpd"]`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::TIMEOUT;

/// The server's process. It ends when its standard input is closed.
pub struct AioSmtpd {
    /// The port of 127.0.0.1 on which it listens.
    pub port: u16,
    process: Child,
    input: Option<ChildStdin>,
    // A thread reads the lines at once, because a pipe buffers little.
    lines: Receiver<String>,
}

/// The Python interpreter that has aiosmtpd.
fn python() -> PathBuf {
    let found = ["python3", "/usr/bin/python3"].map(PathBuf::from).into_iter().find(|python| {
        let import = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        import.is_ok_and(|status| status.success())
    });
    found.expect("this test needs a Python that has aiosmtpd: `pip install aiosmtpd`")
}

impl AioSmtpd {
    /// Starts the server. `mode` is `plain`, `starttls` or `tls`. With the files of a certificate and its key, the
    /// server requires a login.
    ///
    /// # Panics
    ///
    /// If no Python on this machine has aiosmtpd.
    pub fn start(mode: &str, certificate: Option<[&Path; 2]>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aiosmtpd_server.py");
        let mut command = Command::new(python());
        command.arg(script).arg(mode).args(certificate.into_iter().flatten());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = process.stdin.take();
        let (sender, lines) = channel();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        std::thread::spawn(move || output.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let port = lines.recv().unwrap().parse().unwrap();
        Self { port, process, input, lines }
    }

    /// Waits for the next mail.
    pub fn next_mail(&mut self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(TIMEOUT).unwrap()).unwrap()
    }

    /// Stops the server, and returns the mails that [`next_mail`](Self::next_mail) has not returned.
    pub fn stop(mut self) -> Vec<Value> {
        drop(self.input.take());
        let rest = self.lines.iter().map(|line| serde_json::from_str(&line).unwrap()).collect();
        self.process.wait().unwrap();
        rest
    }
}

/// Kills the process, also when a test fails.
impl Drop for AioSmtpd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
