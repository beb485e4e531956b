//! HTTP/1.1 requests without a runtime.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::TIMEOUT;

/// Sends a GET request and returns the whole response.
///
/// # Panics
///
/// If the server closes the connection before its response, or sends none in time.
pub fn get(address: SocketAddr, path: &str) -> String {
    let mut response = String::new();
    open(address, path).read_to_string(&mut response).unwrap();
    response
}

/// Sends a GET request and leaves the response unread.
///
/// # Panics
///
/// If the server does not accept the connection.
pub fn open(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n").unwrap();
    stream
}
