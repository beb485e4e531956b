//! The handle of a running pipeline.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::exporter::Exporter;
use crate::notice;
use crate::pipeline::command::Command;
use crate::pipeline::completion::{self, Completion, Finisher};
use crate::pipeline::ledger::Ledger;
use crate::pipeline::limits::{LONGEST, PipelineLimits};
use crate::pipeline::options::{PipelineOptions, ThreadGuard};
use crate::pipeline::queue::Queue;
use crate::pipeline::start_error::StartError;
use crate::pipeline::stats::Stats;
use crate::pipeline::stats_reporter;
use crate::pipeline::weak::{Flush, WeakPipeline};
use crate::pipeline::worker_thread;
use crate::telemetry::TelemetryItem;

/// Handle of a running pipeline. Clones share one pipeline; dropping the last one shuts it down within
/// [`PipelineLimits::grace`].
///
/// # Examples
///
/// ```
/// use opencensus_core::{ConsoleExporter, MessageRecord, Origin, Pipeline, PipelineLimits};
/// use std::time::{Duration, SystemTime};
///
/// let pipeline = Pipeline::start(Box::new(ConsoleExporter), PipelineLimits::default(), None)?;
/// pipeline.submit(MessageRecord::new(Origin::at(SystemTime::now()), "started").into());
/// let report = pipeline.shutdown(Duration::from_secs(5)).wait();
/// assert!(report.complete && report.stats.delivered == 1);
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Clone)]
pub struct Pipeline {
    owner: Arc<Owner>,
}

struct Owner {
    queue: Arc<Queue>,
    commands: mpsc::UnboundedSender<Command>,
    worker: ThreadId,
    grace: Duration,
    shut_down: AtomicBool,
}

impl Pipeline {
    /// Starts the worker's thread and, on it, the exporter. `guard` creates a value that is kept on that thread.
    ///
    /// # Errors
    ///
    /// A limit is zero or over its bound, the thread cannot be started, or the exporter cannot start.
    pub fn start(
        exporter: Box<dyn Exporter>,
        limits: PipelineLimits,
        guard: Option<ThreadGuard>,
    ) -> Result<Self, StartError> {
        Self::start_with(exporter, PipelineOptions { limits, guard, ..PipelineOptions::default() })
    }

    /// Starts a pipeline with these options.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with(exporter: Box<dyn Exporter>, mut options: PipelineOptions) -> Result<Self, StartError> {
        options.limits.check()?;
        options.limits = options.limits.clamped();
        options.stats_interval =
            options.stats_interval.map(|interval| interval.clamp(stats_reporter::MIN_INTERVAL, LONGEST));
        let grace = options.limits.grace;
        let queue = Arc::new(Queue::new(&options.limits, Arc::new(Ledger::default())));
        let (commands, inbox) = mpsc::unbounded_channel();
        let worker = worker_thread::spawn(exporter, options, Arc::clone(&queue), inbox)?;
        let owner = Owner { queue, commands, worker, grace, shut_down: AtomicBool::new(false) };
        Ok(Self { owner: Arc::new(owner) })
    }

    /// Accepts an item, or refuses it and counts the reason. It never blocks.
    pub fn submit(&self, item: TelemetryItem) {
        self.owner.queue.push(item);
    }

    /// Sends all items that are queued now, and waits for them at most as long as `deadline`. The work begins at once;
    /// `.await` the result or [`wait`](Completion::wait) for it to get the report. With a
    /// [store](crate::PipelineOptions::store), items that the endpoint does not accept are on disk then. Items that are
    /// neither delivered nor on disk in time stay queued.
    pub fn flush(&self, deadline: Duration) -> Completion {
        self.owner.command(deadline, Command::Flush)
    }

    /// Refuses new items from now on, sends all queued items, and ends the worker. Items that are not delivered within
    /// `deadline` are on disk if there is a [store](crate::PipelineOptions::store); otherwise they are dropped and counted.
    /// The wait ends at the deadline even if the exporter or the disk hangs.
    pub fn shutdown(&self, deadline: Duration) -> Completion {
        self.owner.shut_down.store(true, Ordering::SeqCst);
        self.owner.queue.close();
        self.owner.command(deadline, Command::Shutdown)
    }

    /// The pipeline's counters so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.owner.queue.stats()
    }

    /// Creates a handle that does not keep the pipeline running.
    #[must_use]
    pub fn downgrade(&self) -> WeakPipeline {
        let owner = Arc::<Owner>::downgrade(&self.owner);
        WeakPipeline::new(self.queue(), owner)
    }

    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.owner.queue)
    }
}

impl Owner {
    fn command(&self, deadline: Duration, command: fn(Finisher) -> Command) -> Completion {
        let deadline = later(Instant::now(), deadline);
        let (completion, finisher) = completion::pair(deadline, Arc::clone(&self.queue));
        // If the worker has ended, or this is a forked child, the finisher is dropped, which completes the wait.
        if self.queue.is_forked() {
            return completion;
        }
        let _ = self.commands.send(command(finisher));
        completion
    }
}

impl Flush for Owner {
    fn flush(&self, deadline: Duration) -> Completion {
        self.command(deadline, Command::Flush)
    }
}

/// Adds a wait to the time. It is limited to 30 years, because the clock cannot represent every later time.
fn later(now: Instant, wait: Duration) -> Instant {
    const MAX_WAIT: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now + wait.min(MAX_WAIT)
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.shut_down.load(Ordering::SeqCst) || self.queue.is_forked() {
            return;
        }
        self.queue.close();
        let completion = self.command(self.grace, Command::Shutdown);
        // The worker's own thread must not wait for the worker.
        if std::thread::current().id() != self.worker {
            let report = completion.wait();
            if !report.complete {
                let queued = report.stats.queued;
                notice::warn(&format!(
                    "telemetry was left behind ({queued} queued): it was not delivered within {:?}, the grace of the last \
                     handle; call `shutdown` with a longer deadline",
                    self.grace
                ));
            }
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
