//! A client of HTTP/1.1 on a connection that stays open.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a response may take.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Self { stream: BufReader::new(stream), address })
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<Response> {
        self.send("GET", path, "", b"")
    }

    /// Posts a body. Each line of `headers` ends with `\r\n`.
    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> io::Result<Response> {
        self.send("POST", path, &format!("{headers}content-length: {}\r\n", body.len()), body)
    }

    fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<Response> {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.address);
        self.stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        let line = self.line()?;
        let status = line.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no response: {line:?}")))?;
        let length = self.content_length()?;
        let body = match length {
            Some(length) => self.exactly(length)?,
            None => self.chunks()?,
        };
        Ok(Response { status, body })
    }

    /// Reads the headers. Returns the length of the body, if they state it.
    fn content_length(&mut self) -> io::Result<Option<usize>> {
        let mut length = None;
        while let Some((name, value)) = self.line()?.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
        }
        Ok(length)
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(self.line()?.trim(), 16).map_err(io::Error::other)?;
            body.extend(self.exactly(length)?);
            self.line()?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        Ok(line)
    }
}

/// Sends a GET on a new connection, and parses the body.
pub(crate) fn get_json(address: SocketAddr, path: &str) -> io::Result<serde_json::Value> {
    let response = Connection::open(address)?.get(path)?;
    serde_json::from_slice(&response.body).map_err(io::Error::other)
}
