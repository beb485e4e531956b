//! A connection to another program that is made again after a failure.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::handler_error::HandlerError;
use crate::handlers::network::backoff::Backoff;
use crate::handlers::network::peer::Peer;
use crate::handlers::network::socket::Socket;

/// A connection that is made with the first message, and again after a failure.
#[derive(Debug)]
pub(super) struct Connection {
    peer: Peer,
    timeout: Duration,
    socket: Option<Socket>,
    backoff: Backoff,
}

impl Connection {
    pub(super) fn new(peer: Peer, timeout: Duration) -> Self {
        Self { peer, timeout, socket: None, backoff: Backoff::default() }
    }

    /// Sends a message. If the connection fails, it is made again at once, for this message.
    pub(super) fn send(&mut self, message: &[u8]) -> Result<(), HandlerError> {
        if let Some(socket) = &mut self.socket
            && socket.send(message).is_ok()
        {
            return Ok(());
        }
        self.socket = None;
        let now = Instant::now();
        if !self.backoff.is_due(now) {
            let text = format!("`{}` is not reachable; the next attempt is made later", self.peer);
            return Err(HandlerError::Other(text.into()));
        }
        let sent = self.peer.connect(self.timeout).and_then(|mut socket| {
            socket.send(message)?;
            Ok(socket)
        });
        match sent {
            Ok(socket) => {
                self.backoff.succeeded();
                self.socket = Some(socket);
                Ok(())
            }
            // A datagram that is too large does not mean that the server is not reachable.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Err(HandlerError::Io(error)),
            Err(error) => {
                self.backoff.failed(now);
                Err(HandlerError::Other(format!("`{}`: {error}", self.peer).into()))
            }
        }
    }

    /// A new stream to an HTTP server, for one request.
    pub(super) fn stream(&mut self) -> Result<TcpStream, HandlerError> {
        let now = Instant::now();
        if !self.backoff.is_due(now) {
            let text = format!("`{}` is not reachable; the next attempt is made later", self.peer);
            return Err(HandlerError::Other(text.into()));
        }
        match self.peer.connect(self.timeout) {
            Ok(Socket::Tcp(stream)) => {
                self.backoff.succeeded();
                Ok(stream)
            }
            Ok(_) => Err(HandlerError::Io(io::ErrorKind::Unsupported.into())),
            Err(error) => {
                self.backoff.failed(now);
                Err(HandlerError::Other(format!("`{}`: {error}", self.peer).into()))
            }
        }
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(super) fn close(&mut self) {
        self.socket = None;
    }
}
