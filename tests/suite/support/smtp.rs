//! A mail server that keeps what it is given.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: Vec<u8>,
}

/// Speaks enough of RFC 5321 for a client that sends mails.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    // Who gets no mail, for good.
    refused: Arc<Mutex<Vec<String>>>,
    // Commands that are none of the protocol's, which an injected line would be.
    unknown: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub(crate) fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// On a socket that has been silent so far.
    pub(crate) fn on(listener: TcpListener) -> Self {
        let server = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            refused: Arc::default(),
            unknown: Arc::default(),
        };
        let (received, unknown) = (Arc::clone(&server.received), Arc::clone(&server.unknown));
        let refused = Arc::clone(&server.refused);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (received, unknown) = (Arc::clone(&received), Arc::clone(&unknown));
                let refused = Arc::clone(&refused);
                std::thread::spawn(move || {
                    let _ = converse(&stream, &received, &refused, &unknown);
                });
            }
        });
        server
    }

    pub(crate) fn refuse(&self, address: &str) {
        self.refused.lock().unwrap().push(address.to_owned());
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn unknown(&self) -> Vec<String> {
        self.unknown.lock().unwrap().clone()
    }
}

fn converse(
    stream: &TcpStream,
    received: &Mutex<Vec<Received>>,
    refused: &Mutex<Vec<String>>,
    unknown: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut lines, mut out) = (BufReader::new(stream), stream);
    let mut say = |line: &str| out.write_all(format!("{line}\r\n").as_bytes());
    say("220 mail.example")?;
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match command.as_str() {
            "EHLO" => say("250 mail.example")?,
            "MAIL" => {
                from = address(line);
                say("250 ok")?;
            }
            "RCPT" if refused.lock().unwrap().contains(&address(line)) => say("550 nobody")?,
            "RCPT" => {
                to.push(address(line));
                say("250 ok")?;
            }
            "DATA" => {
                say("354 go on")?;
                let data = read_data(&mut lines)?;
                received.lock().unwrap().push(Received { from: from.clone(), to: std::mem::take(&mut to), data });
                say("250 thank you")?;
            }
            "QUIT" => return say("221 bye"),
            "NOOP" | "RSET" => say("250 ok")?,
            _ => {
                unknown.lock().unwrap().push(line.to_owned());
                say("500 what?")?;
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

/// Up to the line with a dot alone; doubled dots are single ones.
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
