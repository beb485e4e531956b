//! The built-in mail backends.

mod console;
mod dummy;
mod file;
mod memory;
mod smtp;

pub use console::ConsoleBackend;
pub use dummy::DummyBackend;
pub use file::FileBackend;
pub use memory::MemoryBackend;
pub use smtp::{SmtpBackend, SmtpSecurity, SmtpServer};
