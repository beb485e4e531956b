//! Handlers write records to their destinations.
//!
//! | handler | class in a configuration |
//! | --- | --- |
//! | [`StreamHandler`]: standard error or output | `console`, `logging.StreamHandler` |
//! | [`FileHandler`] | `file`, `logging.FileHandler`, `logging.handlers.WatchedFileHandler` (reopens a moved file) |
//! | [`RotatingFileHandler`]: by size | `rotating_file`, `logging.handlers.RotatingFileHandler` |
//! | [`TimedRotatingFileHandler`]: by time | `timed_rotating_file`, `logging.handlers.TimedRotatingFileHandler` |
//! | [`NullHandler`] | `null`, `logging.NullHandler` |
//! | [`MemoryHandler`]: keeps records for another handler | `memory`, `logging.handlers.MemoryHandler` |
//! | [`QueueHandler`]: passes records to other handlers in the background | `queue`, `logging.handlers.QueueHandler` |
//! | [`SyslogHandler`]: UDP, TCP, `/dev/log` | `syslog`, `logging.handlers.SysLogHandler` |
//! | [`SocketHandler`]: lines, by default JSON, to a socket | `socket`, `datagram`, `logging.handlers.SocketHandler`, `logging.handlers.DatagramHandler` |
//! | [`HttpHandler`]: requests to an HTTP server | `http`, `logging.handlers.HTTPHandler` |
//! | mail without a report (feature `mail`) | `smtp`, `logging.handlers.SMTPHandler` |
//! | mail to the administrators (feature `mail`) | `mail_admins`, `django.utils.log.AdminEmailHandler` |
//!
//! # Threads and losses
//!
//! Handlers that write to streams and files, and those that mail, run on a background thread, behind a bounded queue,
//! unless a configuration sets `background = false` or the [dialect](crate::Dialect) is Python's. Callers never wait
//! for them: records that find the queue full are dropped and counted. A handler that fails or panics affects neither
//! the caller nor other handlers; the records that it loses are counted ([`HandlerStats`]) and reported on standard
//! error, at most once a minute.
//!
//! A child that the process forks, as `daemonize` does, has none of these threads. Handlers notice that by the process
//! id, and start threads of the child; records and mails that waited at the fork are left to the parent. If a handler was
//! writing at the fork, up to 15 records of the child are lost. A child does not watch a configuration file.

mod backup_files;
mod built_in;
mod encoding;
mod file;
mod file_identity;
mod guarded;
mod handler;
mod installed;
mod line;
mod line_file;
mod memory;
pub(crate) mod network;
mod null;
pub(crate) mod open_files;
mod period;
mod queue;
mod queue_listener;
mod rotation;
mod schedule;
mod stream;
mod timed;
mod wrapper;

#[doc(hidden)]
pub use built_in::BuiltInHandler;
pub(crate) use encoding::{Charset, Encoding, Unencodable};
pub use file::FileHandler;
pub use handler::Handler;
pub use installed::InstalledHandler;
pub(crate) use line_file::Look;
pub use memory::MemoryHandler;
pub use network::{Facility, HttpHandler, SocketHandler, SyslogFormat, SyslogHandler};
pub use null::NullHandler;
pub(crate) use period::{begun, modified};
pub use queue::QueueHandler;
pub use queue_listener::QueueListener;
pub use rotation::RotatingFileHandler;
pub(crate) use schedule::Schedule;
pub use schedule::When;
pub use stream::StreamHandler;
pub use timed::TimedRotatingFileHandler;
pub(crate) use wrapper::{WrappedHandler, with_hooks_of};

pub use crate::handler_error::HandlerError;
pub use crate::handler_stats::{HandlerStats, MailStats};
pub use crate::stream::Stream;
