//! Open sockets.

use std::io::{self, Write as _};
use std::net::{TcpStream, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::{UnixDatagram, UnixStream};

/// An open socket.
#[derive(Debug)]
pub(super) enum Socket {
    Udp(UdpSocket),
    Tcp(TcpStream),
    #[cfg(unix)]
    LocalDatagrams(UnixDatagram),
    #[cfg(unix)]
    LocalStream(UnixStream),
}

impl Socket {
    pub(super) fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.send(message).map(drop),
            Self::Tcp(stream) if is_closed(stream) => Err(io::ErrorKind::ConnectionReset.into()),
            Self::Tcp(stream) => stream.write_all(message),
            #[cfg(unix)]
            Self::LocalDatagrams(socket) => socket.send(message).map(drop),
            #[cfg(unix)]
            Self::LocalStream(stream) => stream.write_all(message),
        }
    }
}

/// Whether the server has closed the connection: the first message after that would be lost without an error.
fn is_closed(stream: &TcpStream) -> bool {
    if stream.set_nonblocking(true).is_err() {
        return true;
    }
    let peeked = stream.peek(&mut [0]);
    let is_open = match &peeked {
        Ok(read) => *read > 0,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    };
    stream.set_nonblocking(false).is_err() || !is_open
}
