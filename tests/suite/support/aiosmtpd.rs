//! A mail server that others wrote: [aiosmtpd](https://aiosmtpd.aio-libs.org), and Python's parser of mails.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::support::SOON;

/// The server's process. Ends with its input.
pub(crate) struct AioSmtpd {
    pub(crate) port: u16,
    process: Child,
    input: Option<ChildStdin>,
    // Read at once: a pipe holds little.
    lines: Receiver<String>,
}

/// A Python that has aiosmtpd. Where there is none the tests say so and pass, but in CI they fail: there it is
/// installed first.
pub(crate) fn python() -> Option<PathBuf> {
    let found = ["python3", "/usr/bin/python3"].map(PathBuf::from).into_iter().find(|python| {
        let import = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        import.is_ok_and(|status| status.success())
    });
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "CI must install aiosmtpd");
    if found.is_none() {
        println!("skipped: there is no aiosmtpd on this machine");
    }
    found
}

impl AioSmtpd {
    /// `mode`: `plain`, `starttls` or `tls`; with the files of a certificate and its key a login is asked for.
    pub(crate) fn start(python: &Path, mode: &str, certificate: Option<[&Path; 2]>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/support/aiosmtpd_server.py");
        let mut command = Command::new(python);
        command.arg(script).arg(mode).args(certificate.into_iter().flatten());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = process.stdin.take();
        let (sender, lines) = channel();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        std::thread::spawn(move || output.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let port = lines.recv().unwrap().parse().unwrap();
        Self { port, process, input, lines }
    }

    /// The next mail.
    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(SOON).unwrap()).unwrap()
    }

    /// Ends the server, and gives what came meanwhile.
    pub(crate) fn stop(mut self) -> Vec<Value> {
        drop(self.input.take());
        let rest = self.lines.iter().map(|line| serde_json::from_str(&line).unwrap()).collect();
        self.process.wait().unwrap();
        rest
    }
}

/// A test that fails leaves nothing running.
impl Drop for AioSmtpd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
