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

mod completion;
mod ledger;
mod limits;
mod message;
mod options;
mod pacing;
mod processor;
mod queue;
mod report;
mod request_counts;
mod retry;
mod settle;
mod worker;
mod worker_thread;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

pub use completion::{Completion, Report};
pub(crate) use ledger::Ledger;
pub use ledger::{DropReason, Dropped, Refused, Stats};
pub use limits::{InvalidLimits, PipelineLimits};
pub use options::{PipelineOptions, ThreadGuard};
pub use processor::Processor;
pub(crate) use queue::Queue;
pub use request_counts::RequestCounts;

use crate::exporter::{BoxError, Exporter};
use crate::telemetry::TelemetryItem;
use worker::Command;

/// Handle of a running pipeline. Clones share it; dropping the last one closes it.
#[derive(Clone)]
pub struct Pipeline {
    owner: Arc<Owner>,
}

/// A way into a pipeline that somebody else keeps running.
#[derive(Clone, Debug)]
pub struct WeakPipeline {
    queue: Arc<Queue>,
}

impl WeakPipeline {
    /// Takes an item, or refuses it and counts why. Never waits.
    pub fn submit(&self, item: TelemetryItem) {
        self.queue.push(item);
    }
}

struct Owner {
    queue: Arc<Queue>,
    commands: mpsc::UnboundedSender<Command>,
    worker: ThreadId,
    grace: Duration,
    shut_down: AtomicBool,
}

/// Why a pipeline did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A limit makes no sense.
    #[error(transparent)]
    Limits(#[from] InvalidLimits),
    /// The worker's thread or its runtime could not be made.
    #[error("the exporter's thread could not be started")]
    Thread(#[source] std::io::Error),
    /// The exporter could not start.
    #[error("the exporter could not start: {0}")]
    Exporter(#[source] BoxError),
}

impl Pipeline {
    /// Starts the worker and, on its thread, the exporter.
    ///
    /// # Errors
    ///
    /// A limit makes no sense, there is no thread to be had, or the exporter cannot start.
    pub fn start(
        exporter: Box<dyn Exporter>,
        limits: PipelineLimits,
        guard: Option<ThreadGuard>,
    ) -> Result<Self, StartError> {
        Self::start_with(exporter, PipelineOptions { limits, guard, ..PipelineOptions::default() })
    }

    /// The same with more to choose.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub fn start_with(exporter: Box<dyn Exporter>, mut options: PipelineOptions) -> Result<Self, StartError> {
        options.limits.check()?;
        options.limits = options.limits.within_reason();
        options.report_interval = options.report_interval.map(|interval| interval.max(report::LEAST_INTERVAL));
        let grace = options.limits.grace;
        let queue = Arc::new(Queue::new(&options.limits, Arc::new(Ledger::default())));
        let (commands, inbox) = mpsc::unbounded_channel();
        let worker = worker_thread::spawn(exporter, options, Arc::clone(&queue), inbox)?;
        let owner = Owner { queue, commands, worker, grace, shut_down: AtomicBool::new(false) };
        Ok(Self { owner: Arc::new(owner) })
    }

    /// Takes an item, or refuses it and counts why. Never waits.
    pub fn submit(&self, item: TelemetryItem) {
        self.owner.queue.push(item);
    }

    /// Sends what is queued now. Give it a runtime's `.await` or
    /// [`wait`](Completion::wait) for it; the work begins either way.
    pub fn flush(&self, deadline: Duration) -> Completion {
        self.owner.command(deadline, Command::Flush)
    }

    /// Refuses new items from now on, sends what is queued, and ends the worker. What could not be
    /// sent by the deadline is dropped and counted.
    pub fn shutdown(&self, deadline: Duration) -> Completion {
        self.owner.shut_down.store(true, Ordering::SeqCst);
        self.owner.queue.close();
        self.owner.command(deadline, Command::Shutdown)
    }

    /// What has become of the items so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.owner.queue.stats()
    }

    /// A way in that does not keep the pipeline running: what comes after its end is refused and counted.
    #[must_use]
    pub fn entrance(&self) -> WeakPipeline {
        WeakPipeline { queue: self.queue() }
    }

    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.owner.queue)
    }
}

impl Owner {
    fn command(&self, deadline: Duration, command: fn(completion::Finisher) -> Command) -> Completion {
        let deadline = later(Instant::now(), deadline);
        let (completion, finisher) = completion::pair(deadline, Arc::clone(&self.queue));
        // A worker that is gone drops the finisher, which completes with what is known.
        let _ = self.commands.send(command(finisher));
        completion
    }
}

/// Never beyond what a clock can hold: who waits for ever waits for 30 years.
fn later(now: Instant, wait: Duration) -> Instant {
    const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now + wait.min(FOR_EVER)
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.shut_down.load(Ordering::SeqCst) {
            return;
        }
        self.queue.close();
        let completion = self.command(self.grace, Command::Shutdown);
        // The worker cannot wait for itself.
        if std::thread::current().id() != self.worker {
            let report = completion.wait();
            if !report.complete {
                tracing::warn!(target: "opencensus", queued = report.stats.queued, "telemetry was left behind");
            }
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
