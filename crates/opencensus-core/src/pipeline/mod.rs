//! The export pipeline: a bounded queue, one worker thread, batches, retry.
//!
//! # Guarantees
//!
//! - Request threads never block: an item is refused and counted if there is no room.
//! - Memory is bounded in items and in bytes ([`PipelineLimits`]), whatever the endpoint does: an item
//!   counts until it is delivered or dropped.
//! - Every lost item is counted. At rest `accepted + recovered = delivered + dropped + stored + queued`; see [`Stats`].
//! - With a [store](crate::store), what cannot be sent is on disk, and the next process sends it.
//! - [`shutdown`](Pipeline::shutdown) and [`flush`](Pipeline::flush) keep their deadlines even if an
//!   exporter blocks, and need no runtime. Dropping the pipeline waits at most
//!   [`PipelineLimits::grace`].
//!
//! # How it works
//!
//! The worker is one thread with its own tokio runtime, which owns the exporter. While there is nothing to do
//! it sleeps without a timer. The first item after such a pause wakes it and is sent after
//! [`PipelineLimits::first_delay`]; under load the worker collects batches, bounded in items, bytes and age.
//! One batch is in flight at a time, a new one before those on disk, at most ten of which are sent a second. After a
//! failure the worker waits with full jitter between 0 and a bound that doubles from 1 s to 60 s, after the time that the
//! endpoint demands; meanwhile batches go to the store. After three failures in a row it probes with one small batch. A
//! refused batch is bisected until the bad item is isolated.
//!
//! The worker is the only thread that uses the disk. While the disk hangs, so does the worker: requests do not notice,
//! further items are refused and counted once the queue is full, and a shutdown ends at its deadline.
//!
//! The exporter's own work creates no telemetry: `tracing` is suppressed on the worker's thread, except for
//! the pipeline's own lines (target `opencensus`): the first failure is logged at once with its cause and the remedy,
//! further ones at most once a minute with the numbers since the line before, and the recovery. Without a subscriber
//! the lines are written to the standard error output.

mod backlog;
mod batcher;
mod command;
mod completion;
mod counter;
mod courier;
mod delivery_log;
mod drain;
mod flushes;
mod grpc_methods;
mod guarded_exporter;
mod handle;
mod lane;
mod lane_counters;
mod learned_size;
mod ledger;
mod limits;
mod losses;
mod mark;
mod options;
mod pacing;
mod pending;
mod pipeline_thread;
mod processor;
mod queue;
mod queue_age;
mod queue_ref;
mod queued;
mod report;
mod request_counters;
mod request_counts;
mod retry;
mod room;
mod settle;
mod setup_check;
mod start_error;
mod stats;
mod stats_reporter;
mod stripe;
mod tee;
mod waiting;
mod weak;
mod worker;
mod worker_end;
mod worker_journal;
mod worker_store;
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
pub use pipeline_thread::{THREAD_NAME, is_pipeline_thread};
pub use processor::Processor;
pub(crate) use queue::Queue;
pub(crate) use queue_ref::QueueRef;
pub use report::Report;
pub use request_counts::RequestCounts;
pub use setup_check::SetupCheck;
pub use start_error::StartError;
pub use stats::{Dropped, Refused, Stats};
pub(crate) use stripe::Striped;
pub use tee::Tee;
pub use weak::WeakPipeline;
