//! Batches on disk, which survive an outage of the endpoint and the end of the process.
//!
//! # Layout
//!
//! ```text
//! <path>/                                  0700, of the user that runs the process
//!   usage                                  lock, bytes in use, clock
//!   <destination>-<process>-<random>/      0700, one per process and destination
//!     lock                                 locked as long as the process runs
//!     <stamp>-<number>-<random>-f-12.seg   12 items of failures
//!     <stamp>-<number>-<random>-s-80.seg   80 items of successes
//!     <stamp>-<number>-<random>.journal    items that are not yet delivered nor in a segment
//!     ….bad                                a file that cannot be read
//! ```
//!
//! A destination is a hash of endpoint and key: neither is on disk. Files have the mode 0600.
//!
//! # Guarantees
//!
//! - A segment is written under a temporary name and renamed, with checksums: after the sudden end of the process it is
//!   complete or absent. An item may be delivered twice after that, never half.
//! - All files together, those of other processes included, never have more bytes than
//!   [`max_bytes`](StoreOptions::max_bytes). When there is no room, damaged files and the oldest segments of successes
//!   are deleted. Failures are never deleted for lack of room; everything of an operation that failed is stored as a
//!   failure.
//! - The folder of a process that has ended is adopted by exactly one process with the same destination, at its start
//!   and once a minute.
//! - Age is measured by a clock that jumps of the system's clock do not move: a jump forward adds at most the time that a
//!   process has measured, or a day at its start.
//! - Files of another user, links, pipes, files with several names and files that are too large are not opened; damaged
//!   and foreign ones are renamed to `.bad` and counted. Segments of a later version stay until the retention ends.
//! - A forked child does not touch the files of its parent.
//!
//! # Limits
//!
//! - Nothing is synchronized with the device (`fsync`): files survive the end of the process, but a power cut may lose
//!   what was written in the last seconds. Torn files are detected by their checksum then.
//! - Network file systems must support locks; if they do not, the bound and the single adopter are not guaranteed.
//! - A child process that was forked without `exec` keeps the locks of its parent, whose files are adopted when both
//!   have ended.
//! - Windows: there are no checks of owner, mode, and links.

#![allow(dead_code, reason = "the worker uses it next")]

mod changes;
mod class;
mod clock;
mod disk;
mod eviction;
#[cfg(test)]
mod faults;
mod file_name;
mod folder;
mod format;
mod hand;
mod index;
mod loading;
mod maintenance;
mod options;
mod recovery;
mod root;
mod scan;
mod segments;
mod store_error;
#[cfg(test)]
mod tests;
mod usage;
mod writing;

#[allow(unused_imports, reason = "the worker uses them next")]
pub(crate) use changes::Changes;
#[allow(unused_imports, reason = "the worker uses them next")]
pub(crate) use loading::Take;
pub use options::StoreOptions;
#[allow(unused_imports, reason = "the worker uses them next")]
pub(crate) use segments::Store;
#[allow(unused_imports, reason = "the worker uses them next")]
pub(crate) use store_error::{PutError, StoreError};
