//! A handler that sends lines to a socket.

#[cfg(unix)]
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::Handler;
use crate::handlers::line::line;
use crate::handlers::network::connection::Connection;
use crate::handlers::network::peer::Peer;
use crate::lock::lock;
use crate::record::Record;

/// The timeout of a connection and of each message, unless it is set.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// Sends each record as a line to a TCP or UDP socket, or to a socket in the file system (on Unix), in place of Python's
/// `SocketHandler` and `DatagramHandler`, which send pickled objects. In a configuration the lines are JSON unless it
/// names a formatter.
///
/// The handler connects with the first record, and again after a failure: after a second, and then after pauses that
/// double up to 30 seconds. Records that arrive meanwhile are lost and counted as failed.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::JsonFormatter;
/// use opencensus_logging::handlers::SocketHandler;
/// use opencensus_logging::{Level, Logging};
/// use std::sync::Arc;
///
/// let handler = SocketHandler::tcp("localhost", 9020, Arc::new(JsonFormatter::new()));
/// Logging::builder().build().add_handler("shop", "collector", Level::INFO, handler);
/// ```
pub struct SocketHandler {
    connection: Mutex<Connection>,
    formatter: Arc<dyn Formatter>,
}

impl SocketHandler {
    /// A handler that sends lines to a TCP port.
    #[must_use]
    pub fn tcp(host: impl Into<String>, port: u16, formatter: Arc<dyn Formatter>) -> Self {
        Self::to(Peer::Tcp(host.into(), port), TIMEOUT, formatter)
    }

    /// A handler that sends each line as a datagram to a UDP port. Lines over 64 KB are lost.
    #[must_use]
    pub fn udp(host: impl Into<String>, port: u16, formatter: Arc<dyn Formatter>) -> Self {
        Self::to(Peer::Udp(host.into(), port), TIMEOUT, formatter)
    }

    /// A handler that sends to a socket in the file system: lines to a stream, or each line as a datagram.
    #[cfg(unix)]
    #[must_use]
    pub fn local(path: impl Into<PathBuf>, formatter: Arc<dyn Formatter>) -> Self {
        Self::to(Peer::Local(path.into()), TIMEOUT, formatter)
    }

    pub(crate) fn to(peer: Peer, timeout: Duration, formatter: Arc<dyn Formatter>) -> Self {
        Self { connection: Mutex::new(Connection::new(peer, timeout)), formatter }
    }

    /// Sets the timeout of the connection and of each line. Default: 5 s.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        let peer = lock(&self.connection).peer().clone();
        Self { connection: Mutex::new(Connection::new(peer, timeout)), ..self }
    }
}

impl Handler for SocketHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, "\n")?;
        lock(&self.connection).send(text.as_bytes())
    }

    fn close(&self) {
        lock(&self.connection).close();
    }
}
