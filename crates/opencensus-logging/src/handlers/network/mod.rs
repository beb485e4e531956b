//! Handlers that send records to another program: a syslog daemon, a collector of lines, an HTTP server.
//!
//! A handler connects with its first record, and again after a failure, at most once a second at first and once in 30
//! seconds later, as Python's `SocketHandler` does. Records that arrive meanwhile, or that the server does not take
//! within the timeout, are lost and counted as failed.

mod backoff;
mod connection;
mod http;
mod http_request;
mod line_sender;
mod peer;
mod socket;
mod syslog;
mod syslog_message;

pub use http::HttpHandler;
pub(crate) use http_request::HttpMethod;
pub use line_sender::SocketHandler;
pub(crate) use line_sender::TIMEOUT;
pub(crate) use peer::Peer;
pub use syslog::SyslogHandler;
pub use syslog_message::{Facility, SyslogFormat};
