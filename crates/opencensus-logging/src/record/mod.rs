//! A log record.

mod log_record;

pub use log_record::{Args, RESERVED, Record, ReservedField, Source, SpanName, ThreadInfo, Trace};
