//! A log record and its parts.

mod args;
mod fields;
mod log_record;
mod source;
mod thread_info;
mod trace;

pub use args::Args;
pub use fields::{RESERVED, ReservedField};
pub use log_record::{Record, SpanName};
pub use source::Source;
pub use thread_info::ThreadInfo;
pub use trace::Trace;
