//! The worker's loop: queue → open batch → ready batches → one batch in flight.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::exporter::{BoxError, DropReason, Exporter};
use crate::pipeline::batcher::{Batcher, Encoded};
use crate::pipeline::command::Command;
use crate::pipeline::courier::Courier;
use crate::pipeline::delivery_log::{Counts, DeliveryLog, Line};
use crate::pipeline::flushes::Flushes;
use crate::pipeline::guarded_exporter::GuardedExporter;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::losses::Losses;
use crate::pipeline::options::PipelineOptions;
use crate::pipeline::processor::{self, Processor};
use crate::pipeline::queue::Queue;
use crate::pipeline::settle::Settlement;
use crate::pipeline::setup_check::SetupWatch;
use crate::pipeline::stats_reporter::StatsReporter;
use crate::telemetry::TelemetryItem;

/// Why the loop returned.
pub(super) enum Exit {
    /// The caller must log a line, because `tracing` is suppressed in the loop, and call the loop again.
    Log(Line),
    /// The pipeline is shut down.
    Done,
}

/// Why the worker woke up.
enum Wake {
    Settled(Settlement),
    /// `None`: the last handle was dropped.
    Command(Option<Command>),
    Notified,
    Timer,
}

pub(super) struct Worker {
    exporter: GuardedExporter,
    processors: Vec<Processor>,
    reporter: Option<StatsReporter>,
    limits: PipelineLimits,
    queue: Arc<Queue>,
    // `None`: the last handle was dropped.
    commands: Option<mpsc::UnboundedReceiver<Command>>,
    batcher: Batcher,
    courier: Courier,
    flushes: Flushes,
    log: DeliveryLog,
    setup: SetupWatch,
}

impl Worker {
    pub(super) fn new(
        exporter: Box<dyn Exporter>,
        options: PipelineOptions,
        queue: Arc<Queue>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            exporter: GuardedExporter::new(exporter),
            processors: options.processors,
            reporter: options.stats_interval.map(StatsReporter::new),
            batcher: Batcher::new(&options.limits),
            courier: Courier::new(options.limits.clone()),
            limits: options.limits,
            queue,
            commands: Some(commands),
            flushes: Flushes::default(),
            log: DeliveryLog::default(),
            setup: SetupWatch::new(options.setup_check, Instant::now()),
        }
    }

    pub(super) fn start_exporter(&mut self) -> Result<(), BoxError> {
        self.exporter.start()
    }

    /// Works until there is a line to log, or until a shutdown is complete.
    pub(super) async fn run(&mut self) -> Exit {
        loop {
            let now = Instant::now();
            self.drain_queue();
            self.report_stats(now);
            self.batcher.close_due(now, self.flushes.need_close(self.batcher.closed()));
            self.send_next(now);
            self.flushes.finish(self.courier.settled_items(), now);
            let is_shut_down = self.is_shut_down(now);
            if is_shut_down {
                let within = self.flushes.gives_up().map_or(Duration::ZERO, |end| end.saturating_duration_since(now));
                self.exporter.stop(within);
            }
            // Logged before a shutdown completes, after which the process may end.
            let counts = self.counts();
            if let Some(line) = self.log.next(&counts, now, is_shut_down) {
                self.queue.watch_refusals();
                return Exit::Log(line);
            }
            let has_begun = self.queue.ledger().requests.has_begun();
            if let Some(warning) = self.setup.next(has_begun, now, is_shut_down) {
                return Exit::Log(Line::Warning(warning));
            }
            if is_shut_down {
                self.flushes.finish_shutdowns();
                return Exit::Done;
            }
            self.sleep(now).await;
        }
    }

    /// Waits for the first of these: a delivery, a command, a notification, a point in time.
    async fn sleep(&mut self, now: Instant) {
        let is_idle = self.is_empty() && !self.flushes.is_shutting_down() && self.queue.begin_idle();
        if is_idle {
            self.batcher.set_due(None);
        } else {
            // Items may come in without a notification: look again when the next batch is due.
            let wait = if self.is_empty() { self.limits.first_delay } else { self.limits.batch_age };
            self.batcher.schedule(now + wait);
        }
        let wake = self.wake(now).await;
        self.queue.end_idle();
        match wake {
            Wake::Settled(settlement) => self.settle(settlement),
            Wake::Command(command) => self.execute(command),
            Wake::Notified if is_idle => self.batcher.set_due(Some(Instant::now() + self.limits.first_delay)),
            Wake::Notified | Wake::Timer => {}
        }
    }

    async fn wake(&mut self, now: Instant) -> Wake {
        let alarm = self.alarm(now);
        let Self { courier, commands, queue, .. } = self;
        tokio::select! {
            biased;
            settlement = courier.settled() => Wake::Settled(settlement),
            Some(command) = receive(commands) => Wake::Command(command),
            () = queue.notified() => Wake::Notified,
            () = sleep_until(alarm.unwrap_or(now)), if alarm.is_some() => Wake::Timer,
        }
    }

    /// Whether no item is in a batch.
    fn is_empty(&self) -> bool {
        self.batcher.is_empty() && !self.courier.has_batch()
    }

    /// The next point in time at which there is work to do.
    fn alarm(&mut self, now: Instant) -> Option<Instant> {
        let retry = self.courier.wait_ends().filter(|_| self.batcher.has_ready());
        let report = self.report_due(now);
        let line = self.log.due(&self.counts());
        [self.batcher.due(), retry, self.flushes.next_deadline(), report, line].into_iter().flatten().min()
    }

    /// When the pipeline's own counters are reported next. While the endpoint fails they wait.
    fn report_due(&mut self, now: Instant) -> Option<Instant> {
        let reporter = self.reporter.as_mut().filter(|_| self.courier.failures() == 0)?;
        reporter.due(&self.queue.stats(), now)
    }

    /// Reports the pipeline's own counters when they are due, and for the last time before a shutdown
    /// completes.
    fn report_stats(&mut self, now: Instant) {
        let Some(due) = self.report_due(now) else { return };
        let is_last = self.flushes.is_shutting_down() && self.is_empty() && self.queue.len() == 0;
        if due <= now || is_last {
            let stats = self.queue.stats();
            let report = self.reporter.as_mut().map(|reporter| reporter.report(stats, SystemTime::now()));
            self.encode_unqueued(report.unwrap_or_default());
        }
    }

    /// Encodes queued items: at most one batch's worth, so that deliveries are handled in time.
    fn drain_queue(&mut self) {
        for _ in 0..self.limits.batch_items {
            // Encoded items may be larger than they were. A delivery makes room again.
            let is_sending = self.batcher.has_ready() || self.courier.has_batch();
            if self.queue.is_over_limit() && is_sending {
                return;
            }
            let Some((mut item, size)) = self.queue.pop() else { return };
            self.setup.observe(&item);
            if self.is_dropped_by_processor(&mut item, size) {
                self.flushes.count_taken(self.batcher.added());
                continue;
            }
            let parts = self.exporter.split(&mut item);
            self.encode(item, size);
            self.encode_unqueued(parts);
            self.flushes.count_taken(self.batcher.added());
        }
        // There may be more.
        self.batcher.set_due(Some(Instant::now()));
    }

    /// Encodes items that did not come from the queue.
    fn encode_unqueued(&mut self, items: Vec<TelemetryItem>) {
        for mut item in items {
            let size = item.size();
            self.queue.accept_unqueued(size);
            if !self.is_dropped_by_processor(&mut item, size) {
                self.encode(item, size);
            }
        }
    }

    /// Whether a processor drops the item, which is counted and is no reason for a warning.
    fn is_dropped_by_processor(&mut self, item: &mut TelemetryItem, size: usize) -> bool {
        let processed = processor::process(&mut self.processors, item);
        self.queue.ledger().processor_panics.add(processed.panics);
        if processed.is_dropped {
            self.queue.ledger().dropped(DropReason::Processor).increment();
            self.queue.settle(1, size);
        }
        processed.is_dropped
    }

    /// Encodes one item into the open batch.
    fn encode(&mut self, item: TelemetryItem, size: usize) {
        match self.batcher.encode(item, &mut self.exporter) {
            Encoded::Added { bytes } => return self.queue.resize(size, bytes),
            Encoded::Delivered => self.queue.ledger().delivered.increment(),
            Encoded::Dropped(reason) => self.count_dropped(reason, 1),
        }
        self.queue.settle(1, size);
    }

    fn send_next(&mut self, now: Instant) {
        if self.courier.is_free(now)
            && let Some(batch) = self.batcher.pop_ready()
        {
            let (batch, rest) = self.courier.divide(batch, now);
            self.batcher.push_front(rest.into_iter().collect());
            self.courier.send(batch, &mut self.exporter);
        }
    }

    fn settle(&mut self, mut settlement: Settlement) {
        let ledger = self.queue.ledger();
        ledger.delivered.add(settlement.delivered);
        ledger.retried.add(settlement.again_items());
        for (reason, items) in &settlement.dropped {
            ledger.dropped(*reason).add(*items);
        }
        // Last, so that the counters of settled items are complete.
        self.queue.settle(settlement.items(), settlement.bytes());
        let again = std::mem::take(&mut settlement.again);
        self.batcher.push_front(again);
        self.log.record(&settlement, self.batcher.has_parts(), Instant::now());
    }

    /// The numbers that are logged if there are losses or failures.
    fn counts(&self) -> Counts {
        let ledger = self.queue.ledger();
        Counts { losses: Losses::of(ledger), refused: ledger.refused_full.get(), waiting: self.queue.unsettled() }
    }

    fn execute(&mut self, command: Option<Command>) {
        match command {
            Some(Command::Flush(finisher)) => self.flushes.begin(finisher, self.queue.len(), self.batcher.added()),
            Some(Command::Shutdown(finisher)) => {
                self.flushes.shut_down(finisher, Instant::now());
                self.courier.hurry();
            }
            // The last handle sends a shutdown when it is dropped, so this is for one that could not. A
            // shutdown in progress keeps its own deadline.
            None => {
                self.queue.close();
                if !self.flushes.is_shutting_down() {
                    self.flushes.shut_down_by(Instant::now() + self.limits.grace);
                    self.courier.hurry();
                }
            }
        }
    }

    /// Whether a shutdown is complete: everything is settled, or was dropped and counted at the deadline.
    fn is_shut_down(&mut self, now: Instant) -> bool {
        let Some(gives_up) = self.flushes.gives_up() else { return false };
        if gives_up <= now {
            self.drop_everything();
        }
        self.is_empty() && self.queue.len() == 0
    }

    fn drop_everything(&mut self) {
        let in_flight = self.courier.abandon();
        let (mut items, mut bytes) = in_flight.map_or((0, 0), |batch| (batch.len(), batch.size()));
        for batch in self.batcher.drain() {
            items += batch.len();
            bytes += batch.size();
        }
        while let Some((_, size)) = self.queue.pop() {
            items += 1;
            bytes += size;
        }
        self.count_dropped(DropReason::Shutdown, items);
        self.courier.add_settled(items);
        self.queue.settle(items, bytes);
    }

    fn count_dropped(&mut self, reason: DropReason, items: usize) {
        if items > 0 {
            self.queue.ledger().dropped(reason).add(items);
        }
    }
}

/// Receives the next command. `Some(None)`: the last handle was dropped, which is reported once; from then
/// on the result is `None`.
async fn receive(commands: &mut Option<mpsc::UnboundedReceiver<Command>>) -> Option<Option<Command>> {
    let command = commands.as_mut()?.recv().await;
    if command.is_none() {
        *commands = None;
    }
    Some(command)
}

/// Counts what the worker holds when it ends, even if it ends by a panic.
impl Drop for Worker {
    fn drop(&mut self) {
        self.drop_everything();
        self.queue.worker_ended();
    }
}
