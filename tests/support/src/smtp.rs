//! A mail server that keeps the mails that it receives.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail as received.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Head and body, with dots unstuffed.
    pub data: Vec<u8>,
}

#[derive(Default)]
struct State {
    received: Vec<ReceivedMail>,
    refused: Vec<String>,
    unknown_commands: Vec<String>,
}

/// A server that speaks the part of RFC 5321 that a sending client needs.
pub struct MailServer {
    /// The address on which it listens.
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl MailServer {
    /// Starts a server on a free port of 127.0.0.1.
    pub fn start() -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Starts a server on a socket on which nothing has accepted connections so far.
    pub fn start_on(listener: TcpListener) -> Self {
        let server = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&server.state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&state);
                std::thread::spawn(move || {
                    let _ = converse(&stream, &state);
                });
            }
        });
        server
    }

    /// Rejects this recipient permanently from now on.
    pub fn refuse(&self, address: &str) {
        self.state.lock().unwrap().refused.push(address.to_owned());
    }

    /// The mails so far.
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.state.lock().unwrap().received.clone()
    }

    /// Commands that are not part of the protocol, such as a line that a mail injects.
    pub fn unknown_commands(&self) -> Vec<String> {
        self.state.lock().unwrap().unknown_commands.clone()
    }
}

fn converse(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut lines, mut out) = (BufReader::new(stream), stream);
    let mut reply = |line: &str| out.write_all(format!("{line}\r\n").as_bytes());
    reply("220 mail.example")?;
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match command.as_str() {
            "EHLO" => reply("250 mail.example")?,
            "MAIL" => {
                from = address(line);
                reply("250 ok")?;
            }
            "RCPT" if state.lock().unwrap().refused.contains(&address(line)) => reply("550 unknown recipient")?,
            "RCPT" => {
                to.push(address(line));
                reply("250 ok")?;
            }
            "DATA" => {
                reply("354 send the mail")?;
                let data = read_data(&mut lines)?;
                let mail = ReceivedMail { from: from.clone(), to: std::mem::take(&mut to), data };
                state.lock().unwrap().received.push(mail);
                reply("250 ok")?;
            }
            "QUIT" => return reply("221 closing"),
            "NOOP" | "RSET" => reply("250 ok")?,
            _ => {
                state.lock().unwrap().unknown_commands.push(line.to_owned());
                reply("500 unknown command")?;
            }
        }
    }
}

fn address(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(address, _)| address)
        .unwrap_or_default()
        .to_owned()
}

/// Reads up to the line that is a single dot, and removes the dot that stuffing added to a line.
fn read_data(lines: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 || line == b".\r\n" {
            return Ok(data);
        }
        data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
