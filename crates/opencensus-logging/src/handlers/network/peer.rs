//! Addresses of other programs.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::time::Duration;

use crate::handlers::network::socket::Socket;

/// The address of another program, and the protocol by which it is reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    Udp(String, u16),
    Tcp(String, u16),
    /// A socket in the file system, such as `/dev/log`, which takes datagrams or a stream.
    Local(PathBuf),
    /// A socket in the file system that takes a stream.
    LocalStream(PathBuf),
}

impl Peer {
    pub(super) fn connect(&self, timeout: Duration) -> io::Result<Socket> {
        match self {
            Self::Udp(host, port) => first(host, *port, |address| {
                let any: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 16], 0).into() };
                let socket = UdpSocket::bind(any)?;
                socket.connect(address)?;
                socket.set_write_timeout(Some(timeout))?;
                Ok(Socket::Udp(socket))
            }),
            Self::Tcp(host, port) => first(host, *port, |address| {
                let stream = TcpStream::connect_timeout(&address, timeout)?;
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(timeout))?;
                stream.set_read_timeout(Some(timeout))?;
                Ok(Socket::Tcp(stream))
            }),
            #[cfg(unix)]
            Self::Local(path) => local_datagrams(path, timeout).or_else(|_| local_stream(path, timeout)),
            #[cfg(unix)]
            Self::LocalStream(path) => local_stream(path, timeout),
            #[cfg(not(unix))]
            Self::Local(_) | Self::LocalStream(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Whether a message is one datagram.
    pub(super) fn takes_datagrams(&self) -> bool {
        matches!(self, Self::Udp(..) | Self::Local(_))
    }

    pub(super) fn is_local(&self) -> bool {
        matches!(self, Self::Local(_) | Self::LocalStream(_))
    }
}

#[cfg(unix)]
fn local_datagrams(path: &std::path::Path, timeout: Duration) -> io::Result<Socket> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_write_timeout(Some(timeout))?;
    Ok(Socket::LocalDatagrams(socket))
}

#[cfg(unix)]
fn local_stream(path: &std::path::Path, timeout: Duration) -> io::Result<Socket> {
    let stream = UnixStream::connect(path)?;
    stream.set_write_timeout(Some(timeout))?;
    Ok(Socket::LocalStream(stream))
}

/// The first address of a host that works.
fn first(host: &str, port: u16, connect: impl Fn(SocketAddr) -> io::Result<Socket>) -> io::Result<Socket> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in (host, port).to_socket_addrs()? {
        match connect(address) {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(host, port) | Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Local(path) | Self::LocalStream(path) => write!(f, "{}", path.display()),
        }
    }
}
