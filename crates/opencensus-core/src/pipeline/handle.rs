//! The handle of a running pipeline.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::exporter::Exporter;
use crate::pipeline::command::Command;
use crate::pipeline::completion::{self, Completion, Finisher};
use crate::pipeline::ledger::Ledger;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::options::{PipelineOptions, ThreadGuard};
use crate::pipeline::queue::Queue;
use crate::pipeline::start_error::StartError;
use crate::pipeline::stats::Stats;
use crate::pipeline::stats_reporter;
use crate::pipeline::weak::WeakPipeline;
use crate::pipeline::worker_thread;
use crate::telemetry::TelemetryItem;

/// Handle of a running pipeline. Clones share it; dropping the last one closes it.
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
        options.stats_interval = options.stats_interval.map(|interval| interval.max(stats_reporter::MIN_INTERVAL));
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
    pub fn downgrade(&self) -> WeakPipeline {
        WeakPipeline::new(self.queue())
    }

    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.owner.queue)
    }
}

impl Owner {
    fn command(&self, deadline: Duration, command: fn(Finisher) -> Command) -> Completion {
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
