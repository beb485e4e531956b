//! The HTTP client of the peers' exporters.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};

/// Writes and reads one connection on the exporter's thread, which the SDK lets block.
pub(crate) struct PlainClient {
    endpoint: String,
    connection: Mutex<Option<BufReader<TcpStream>>>,
}

impl PlainClient {
    pub(crate) fn new(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), connection: Mutex::default() }
    }

    fn post(&self, request: &Request<Bytes>) -> io::Result<Response<Bytes>> {
        let mut connection = self.connection.lock().expect("no panic");
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        write(stream.get_mut(), request)?;
        let response = read(&mut stream)?;
        *connection = Some(stream);
        Ok(response)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(&self.endpoint)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(BufReader::new(stream))
    }
}

fn write(stream: &mut TcpStream, request: &Request<Bytes>) -> io::Result<()> {
    let mut head = Vec::with_capacity(256);
    let (path, body) = (request.uri().path(), request.body());
    write!(head, "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", body.len())?;
    for (name, value) in request.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    stream.write_all(&head)?;
    stream.write_all(body)
}

/// Reads a response with a `content-length`, as the sink sends.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Response<Bytes>> {
    let (mut status, mut length, mut line) = (0, 0, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = line.trim_end().to_ascii_lowercase();
        if let Some(rest) = text.strip_prefix("http/1.1 ") {
            status = rest.get(..3).and_then(|code| code.parse().ok()).unwrap_or_default();
        } else if let Some(value) = text.strip_prefix("content-length: ") {
            length = value.parse().map_err(io::Error::other)?;
        } else if text.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Response::builder().status(status).body(body.into()).map_err(io::Error::other)
}

impl fmt::Debug for PlainClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainClient")
    }
}

impl HttpClient for PlainClient {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        Box::pin(async move { self.post(&request).map_err(Into::into) })
    }
}
