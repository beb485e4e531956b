//! HTTP on a connection that stays open.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use test_support::TIMEOUT;

/// What a client sends.
pub(super) struct Post {
    pub(super) path: &'static str,
    /// The lines of headers, each with `\r\n` at its end.
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

/// What the portal responds.
pub(super) struct Response {
    /// The number of the body.
    pub(super) number: usize,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), address }
    }

    /// Sends a post and reads the response. If the portal has refused a body without reading it, the next post needs a
    /// new connection.
    pub(super) fn send(&mut self, post: &Post) -> io::Result<Response> {
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n{}\r\n",
            post.path,
            self.address,
            post.body.len(),
            post.headers
        );
        // Fails if the portal does not read all of it.
        let _ = self.stream.get_mut().write_all(&[head.as_bytes(), &post.body].concat());
        let response = self.receive()?;
        if matches!(response.status, 413 | 415) {
            *self = Self::open(self.address);
        }
        Ok(response)
    }

    fn receive(&mut self) -> io::Result<Response> {
        let (mut line, mut length) = (String::new(), 0);
        self.stream.read_line(&mut line)?;
        let status = line.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no response: {line:?}")))?;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Response { number: 0, status, body })
    }
}

/// Sends a GET on a new connection. Returns the whole response as text.
pub(super) fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}
