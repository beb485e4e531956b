//! From finished items to the exporter: a bounded queue, one worker thread, batches, retry.
//!
//! # What is promised
//!
//! - The request's thread never waits: an item that finds no room is refused and counted.
//! - Memory is bounded in items and in bytes ([`PipelineLimits`]), whatever the endpoint does: an
//!   item counts until it is delivered or dropped.
//! - Nothing is lost in silence. At rest, in items:
//!   `accepted + recovered = delivered + dropped + stored + queued`; see [`Stats`].
//! - [`shutdown`](Pipeline::shutdown) and [`flush`](Pipeline::flush) keep their deadlines even if an
//!   exporter blocks, and need no runtime. Dropping the pipeline waits at most
//!   [`PipelineLimits::grace`].
//!
//! # How it works
//!
//! One thread with a tokio runtime of its own owns the exporter. It sleeps without a timer while
//! there is nothing to do. The first item after such a pause wakes it and goes out after
//! [`PipelineLimits::first_delay`]; under load the worker collects batches, bounded in items,
//! bytes and age. One batch is under way at a time. A failed one waits with full jitter between 0
//! and a bound that doubles from 1 s to 60 s, never less than the endpoint asked for. A refused
//! batch is cut in halves until the culprit is alone.
//!
//! Work of the exporter itself leaves no trace: `tracing` is silent on the worker's thread, but for
//! the pipeline's own reports (target `opencensus`, at most one of each kind a minute).

mod batcher;
mod command;
mod completion;
mod counter;
mod courier;
mod flushes;
mod guarded_exporter;
mod handle;
mod ledger;
mod limits;
mod options;
mod pacing;
mod pending;
mod processor;
mod queue;
mod report;
mod request_counters;
mod request_counts;
mod retry;
mod settle;
mod start_error;
mod stats;
mod stats_reporter;
mod tee;
mod warning;
mod weak;
mod worker;
mod worker_thread;

#[cfg(test)]
mod tests;

pub use completion::Completion;
pub use handle::Pipeline;
#[cfg(test)]
pub(crate) use ledger::Ledger;
pub use limits::{InvalidLimits, PipelineLimits};
pub use options::{PipelineOptions, ThreadGuard};
pub(crate) use pending::Pending;
pub use processor::Processor;
pub(crate) use queue::Queue;
pub use report::Report;
pub use request_counts::RequestCounts;
pub use start_error::StartError;
pub use stats::{Dropped, Refused, Stats};
pub use tee::Tee;
pub use weak::WeakPipeline;
