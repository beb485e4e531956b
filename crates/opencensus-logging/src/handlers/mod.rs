//! Where records go.
//!
//! | handler | class in a configuration |
//! | --- | --- |
//! | [`StreamHandler`]: standard error or output | `console`, `logging.StreamHandler` |
//! | [`FileHandler`] | `file`, `logging.FileHandler`, `logging.handlers.WatchedFileHandler` (reopens a moved file) |
//! | [`RotatingFileHandler`]: by size | `rotating_file`, `logging.handlers.RotatingFileHandler` |
//! | [`TimedRotatingFileHandler`]: by time | `timed_rotating_file`, `logging.handlers.TimedRotatingFileHandler` |
//! | [`NullHandler`] | `null`, `logging.NullHandler` |
//! | [`MemoryHandler`]: keeps records for another handler | `memory`, `logging.handlers.MemoryHandler` |
//! | [`QueueHandler`]: hands records to other handlers on a thread of its own | `queue`, `logging.handlers.QueueHandler` |
//! | mail to the administrators, by the feature `mail` | `mail_admins`, `django.utils.log.AdminEmailHandler` |
//!
//! # Who waits for whom
//!
//! Handlers for streams and files work on a thread of their own, behind a bounded queue, unless a configuration says
//! `background = false` or the [dialect](crate::Dialect) is Python's. Whoever logs waits for none of them: what finds
//! no room is dropped and counted. A handler that fails, or panics, harms neither the caller nor the next handler;
//! what it loses is counted ([`HandlerStats`]) and told on standard error, at most once a minute.

mod encoding;
mod file;
mod guarded;
mod installed;
mod line;
mod memory;
mod null;
mod rotation;
mod stream;
mod timed;

pub use crate::background::QueueHandler;
pub(crate) use crate::background::{Duties, Queue, deadline};
pub(crate) use encoding::{Charset, Encoding, Missing};
pub use file::FileHandler;
pub(crate) use file::LineFile;
pub(crate) use guarded::Emitter;
pub use guarded::{HandlerStats, MailStats};
pub use installed::InstalledHandler;
pub use memory::MemoryHandler;
pub use null::NullHandler;
pub use rotation::RotatingFileHandler;
pub use stream::{Stream, StreamHandler};
pub(crate) use timed::{Schedule, modified};
pub use timed::{TimedRotatingFileHandler, When};

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use crate::formatters::FormatError;
use crate::record::Record;

/// Does something with records. Called by many threads at once.
pub trait Handler: Send + Sync {
    /// Takes a record.
    ///
    /// # Errors
    ///
    /// The record is lost.
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError>;

    /// The configuration that made it holds from now on.
    ///
    /// # Errors
    ///
    /// It cannot begin; records will be lost.
    fn begin(&self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// The configuration that made it holds, and so does the one that came with it, such as `LOGGING` after Django's
    /// defaults: time to take what others, an earlier process perhaps, left behind. May be called again.
    ///
    /// # Errors
    ///
    /// It cannot be taken.
    fn recover(&self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// Whether it goes on holding back when there is nothing else to do: then only who asks for it, a shutdown and a
    /// new configuration [flush](Self::flush) it. Default: no.
    fn keeps_at_rest(&self) -> bool {
        false
    }

    /// Whether what is held back goes out at the end, and when a configuration replaces the handler. Default: yes.
    fn flushes_on_close(&self) -> bool {
        true
    }

    /// Writes what is held back.
    ///
    /// # Errors
    ///
    /// Something is lost.
    fn flush(&self) -> Result<(), HandlerError> {
        Ok(())
    }

    /// No records come any more.
    fn close(&self) {}

    /// Waits until what it has handed on to somebody else is through, or waits for him. `false`: there was not enough
    /// time. Default: it hands on nothing.
    fn wait(&self, deadline: Instant) -> bool {
        let _ = deadline;
        true
    }

    /// What has become of its mails, if it sends any.
    fn mails(&self) -> MailStats {
        MailStats::default()
    }

    /// The queue that it is, or wraps, whose listener can be started and stopped.
    fn listener(&self) -> Option<&QueueHandler> {
        None
    }
}

/// Why a handler lost a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandlerError {
    /// The record could not be written as text.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// It could not be written to its place.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// There was no room for it.
    #[error("the queue is full")]
    Full,
    /// The handler takes no records any more.
    #[error("the handler is closed")]
    Closed,
    /// Something else.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}
