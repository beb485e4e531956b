//! A handler that sends records to a syslog daemon.

#[cfg(unix)]
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::formatters::Formatter;
use crate::handler_error::HandlerError;
use crate::handlers::Handler;
use crate::handlers::line::line;
use crate::handlers::network::connection::Connection;
use crate::handlers::network::line_sender::TIMEOUT;
use crate::handlers::network::peer::Peer;
use crate::handlers::network::syslog_message::{Facility, Header, SyslogFormat, framed, header_name};
use crate::lock::lock;
use crate::record::Record;

/// Sends records to a syslog daemon: over UDP or TCP, or by a socket in the file system such as `/dev/log` (on Unix).
///
/// Messages in a TCP stream have their length in front in the form of RFC 5424 (RFC 6587, octet counting), and end with
/// a line feed in that of RFC 3164. [`SocketHandler`](crate::handlers::SocketHandler) describes the connection.
///
/// # Examples
///
/// ```
/// # use opencensus_logging::formatters::StandardFormatter;
/// use opencensus_logging::handlers::{Facility, SyslogHandler};
/// use opencensus_logging::{Level, Logging};
/// use std::sync::Arc;
///
/// let handler = SyslogHandler::udp("localhost", 514, Arc::new(StandardFormatter::message_only()));
/// let handler = handler.with_facility(Facility::from_name("daemon").unwrap()).with_app("shop");
/// Logging::builder().build().add_handler("shop", "syslog", Level::INFO, handler);
/// ```
pub struct SyslogHandler {
    connection: Mutex<Connection>,
    header: Header,
    is_framed: bool,
    formatter: Arc<dyn Formatter>,
}

impl SyslogHandler {
    /// A handler that sends to a UDP port, usually 514.
    #[must_use]
    pub fn udp(host: impl Into<String>, port: u16, formatter: Arc<dyn Formatter>) -> Self {
        Self::to(Peer::Udp(host.into(), port), TIMEOUT, formatter)
    }

    /// A handler that sends to a TCP port, usually 514 or 601.
    #[must_use]
    pub fn tcp(host: impl Into<String>, port: u16, formatter: Arc<dyn Formatter>) -> Self {
        Self::to(Peer::Tcp(host.into(), port), TIMEOUT, formatter)
    }

    /// A handler that sends to a socket in the file system, such as `/dev/log`.
    #[cfg(unix)]
    #[must_use]
    pub fn local(path: impl Into<PathBuf>, formatter: Arc<dyn Formatter>) -> Self {
        Self::to(Peer::Local(path.into()), TIMEOUT, formatter)
    }

    pub(crate) fn to(peer: Peer, timeout: Duration, formatter: Arc<dyn Formatter>) -> Self {
        let header = Header {
            facility: Facility::USER,
            format: SyslogFormat::default(),
            host: (!peer.is_local()).then(|| header_name(&gethostname::gethostname().to_string_lossy())),
            app: program(),
            time_zone: TimeZone::system(),
        };
        let is_framed = !peer.takes_datagrams();
        Self { connection: Mutex::new(Connection::new(peer, timeout)), header, is_framed, formatter }
    }

    /// Sets the facility. Default: `user`.
    #[must_use]
    pub fn with_facility(mut self, facility: Facility) -> Self {
        self.header.facility = facility;
        self
    }

    /// Sets the form of the messages. Default: that of RFC 3164.
    #[must_use]
    pub fn with_format(mut self, format: SyslogFormat) -> Self {
        self.header.format = format;
        self
    }

    /// Sets the program's name in messages. Default: that of its file.
    #[must_use]
    pub fn with_app(mut self, app: &str) -> Self {
        self.header.app = header_name(app);
        self
    }

    pub(crate) fn with_time_zone(mut self, time_zone: TimeZone) -> Self {
        self.header.time_zone = time_zone;
        self
    }
}

fn program() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_deref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned());
    header_name(&name.unwrap_or_default())
}

impl Handler for SyslogHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let text = line(&*self.formatter, record, "")?;
        let message = self.header.message(record, &text, std::process::id());
        let message = if self.is_framed { framed(message, self.header.format) } else { message };
        lock(&self.connection).send(message.as_bytes())
    }

    fn close(&self) {
        lock(&self.connection).close();
    }
}
