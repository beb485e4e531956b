//! What sends mails.

mod builtin;
mod smtp;

pub(super) use builtin::message;
pub use builtin::{ConsoleBackend, DummyBackend, FileBackend, MailBackend, MailError, MemoryBackend};
pub use smtp::{SmtpBackend, SmtpSecurity, SmtpServer};
