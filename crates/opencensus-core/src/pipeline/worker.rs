//! The worker's loop: queue → open batch → ready batches → one batch in flight.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::exporter::{Batch, BoxError, DropReason, Exporter};
use crate::pipeline::backlog::Backlog;
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
use crate::pipeline::queue_age::QueueAge;
use crate::pipeline::queued::TakenItem;
use crate::pipeline::settle::{Pace, Settlement};
use crate::pipeline::setup_check::SetupWatch;
use crate::pipeline::stats_reporter::StatsReporter;
use crate::store::{StoreOptions, Take};
use crate::telemetry::TelemetryItem;

/// The most items and bytes of a batch that probes whether the endpoint works again.
const PROBE: (usize, usize) = (20, 16 * 1024);

/// Why the loop returned.
pub(super) enum Exit {
    /// The caller must log a line, because `tracing` is suppressed in the loop, and call the loop again.
    Log(Line),
    /// The pipeline is shut down.
    Done,
}

/// Why the worker woke up.
enum Wake {
    Settled(Arc<Batch>, Settlement),
    /// `None`: the last handle was dropped.
    Command(Option<Command>),
    Notified,
    Timer,
}

pub(super) struct Worker {
    pub(super) exporter: GuardedExporter,
    processors: Vec<Processor>,
    reporter: Option<StatsReporter>,
    limits: PipelineLimits,
    pub(super) queue: Arc<Queue>,
    pub(super) queue_age: QueueAge,
    // Items were left in the queue, so the worker must not sleep.
    has_more: bool,
    // `None`: the last handle was dropped.
    commands: Option<mpsc::UnboundedReceiver<Command>>,
    pub(super) batcher: Batcher,
    pub(super) courier: Courier,
    pub(super) backlog: Backlog,
    // Until it is open. `None`: it is open, or there is none.
    pub(super) store: Option<StoreOptions>,
    // When opening it is tried again. `None`: it was not tried yet.
    pub(super) opens_at: Option<Instant>,
    pub(super) has_journal: bool,
    // Lines to log that are no matter of deliveries.
    pub(super) notes: VecDeque<Line>,
    pub(super) flushes: Flushes,
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
            backlog: Backlog::new(),
            has_journal: false,
            store: options.store,
            opens_at: None,
            notes: VecDeque::new(),
            limits: options.limits,
            queue_age: QueueAge::new(queue.lens().len(), Instant::now()),
            queue,
            has_more: false,
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
            self.drain_queue(now);
            self.report_stats(now);
            self.open_store_again(now);
            self.batcher.close_due(now, self.flushes.need_close(self.batcher.closed()));
            self.write_journal(now);
            self.backlog.maintain(&self.queue, now);
            self.send_next(now);
            self.flushes.finish(self.oldest(), now);
            let is_shut_down = self.is_shut_down(now);
            if is_shut_down {
                let within = self.flushes.gives_up().map_or(Duration::ZERO, |end| end.saturating_duration_since(now));
                self.exporter.stop(within);
                // Before the report, after which the process may end.
                self.backlog.close(self.queue.ledger());
            }
            // Logged before a shutdown completes, after which the process may end.
            let counts = self.counts();
            if let Some(line) = self.log.next(&counts, now, is_shut_down) {
                self.queue.watch_refusals();
                return Exit::Log(line);
            }
            if let Some(line) = self.next_note() {
                return Exit::Log(line);
            }
            let has_begun = self.queue.has_begun();
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
            self.batcher.release();
        } else {
            // Items may come in without a notification: look again when the next batch is due.
            let is_first = self.is_empty() && self.courier.failures() == 0;
            let wait = if is_first { self.limits.first_delay } else { self.limits.batch_age };
            self.batcher.schedule(now + wait);
        }
        let wake = self.wake(now, is_idle).await;
        self.queue.end_idle();
        if is_idle {
            // What is in the queue now came at this moment: it would have ended the sleep before.
            self.queue_age.restart(Instant::now());
        }
        match wake {
            Wake::Settled(batch, settlement) => {
                self.settle(&batch, settlement);
                self.batcher.recycle(batch);
            }
            Wake::Command(command) => self.execute(command),
            Wake::Notified if is_idle => {
                // While the endpoint fails, batches go to disk: few large ones rather than many small ones.
                let is_failing = self.courier.failures() > 0;
                let wait = if is_failing { self.limits.batch_age } else { self.limits.first_delay };
                self.batcher.set_due(Some(Instant::now() + wait));
            }
            Wake::Notified | Wake::Timer => {}
        }
    }

    async fn wake(&mut self, now: Instant, is_idle: bool) -> Wake {
        let alarm = self.alarm(now, is_idle);
        let Self { courier, commands, queue, .. } = self;
        tokio::select! {
            biased;
            (batch, settlement) = courier.settled() => Wake::Settled(batch, settlement),
            Some(command) = receive(commands) => Wake::Command(command),
            () = queue.notified() => Wake::Notified,
            () = sleep_until(alarm.unwrap_or(now)), if alarm.is_some() => Wake::Timer,
        }
    }

    /// Whether no item is in a batch.
    pub(super) fn is_empty(&self) -> bool {
        self.batcher.is_empty() && !self.courier.has_batch() && !self.backlog.has_waiting()
    }

    /// The next point in time at which there is work to do.
    fn alarm(&mut self, now: Instant, is_idle: bool) -> Option<Instant> {
        let retry = self.courier.wait_ends().filter(|_| self.batcher.has_ready());
        let again = self.again_due();
        let journal = if is_idle { None } else { self.journal_due(now) };
        let more = self.has_more.then_some(now);
        let report = self.report_due(now);
        let line = self.log.due(&self.counts());
        [self.batcher.due(), retry, self.flushes.next_deadline(), report, line, again, journal, more]
            .into_iter()
            .flatten()
            .min()
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
    pub(super) fn drain_queue(&mut self, now: Instant) {
        let mut taken = vec![0; self.queue.lens().len()];
        let most = self.limits.batch_items;
        std::iter::from_fn(|| self.take_next()).take(most).for_each(|lane| taken[lane] += 1);
        self.queue_age.observe(&taken, &self.queue.lens(), now);
        // There may be more. The open batch stays open: small batches cost as much as large ones.
        self.has_more = taken.iter().sum::<usize>() == most;
    }

    /// Encodes the next item of the queue, and returns its lane. `None`: there is none, or no room for it.
    fn take_next(&mut self) -> Option<usize> {
        // Encoded items may be larger than they were. A delivery makes room again.
        let is_sending = self.batcher.has_ready() || self.courier.has_batch();
        if self.queue.is_over_limit() && is_sending {
            return None;
        }
        let TakenItem { mut item, size, lane } = self.queue.pop()?;
        self.setup.observe(&item);
        if !self.is_dropped_by_processor(&mut item, size) {
            let parts = self.exporter.split(&mut item);
            self.encode(item, size);
            self.encode_unqueued(parts);
        }
        self.flushes.count_taken(lane, self.batcher.added());
        Some(lane)
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
        match self.batcher.encode(item, self.queue_age.since(), &mut self.exporter) {
            Encoded::Added { bytes } => return self.queue.resize(size, bytes),
            Encoded::Delivered => self.queue.ledger().delivered.increment(),
            Encoded::Dropped(reason) => self.count_dropped(reason, 1),
        }
        self.queue.settle(1, size);
    }

    /// When a batch that failed, or one from disk, is sent. `None`: there is none, or a batch is in flight.
    fn again_due(&self) -> Option<Instant> {
        let has_any = self.backlog.has_waiting() || self.backlog.has_stored();
        if self.courier.has_batch() || !has_any || self.flushes.is_shutting_down() && !self.backlog.has_waiting() {
            return None;
        }
        let wait = self.courier.pacing().again_ends();
        let probes = self.courier.failures() > 0;
        let drain = self.backlog.due().filter(|_| !probes);
        Some(wait.max(drain).unwrap_or_else(Instant::now))
    }

    /// How many items were added to batches before the oldest one that is neither settled nor on disk.
    fn oldest(&self) -> Option<u64> {
        [self.batcher.oldest(), self.courier.oldest(), self.backlog.oldest()].into_iter().flatten().min()
    }

    fn next_note(&mut self) -> Option<Line> {
        if let Some(trouble) = self.backlog.take_trouble() {
            self.notes.push_back(Line::Warning(trouble));
        }
        self.notes.pop_front()
    }

    fn send_next(&mut self, now: Instant) {
        if self.courier.is_free(now)
            && let Some(batch) = self.next_batch(now)
        {
            let (mut batch, rest) = self.divide(batch, now);
            if let Some(rest) = rest {
                self.backlog.record(&batch, 2, self.queue.ledger());
                self.batcher.push_front(vec![rest]);
            }
            self.write_journal_before_sending(&mut batch, now);
            self.courier.send(batch, &mut self.exporter);
        }
        self.relieve_memory(now);
    }

    /// The next batch: a live one before those that failed, and one small batch while the circuit is open.
    fn next_batch(&mut self, now: Instant) -> Option<Batch> {
        let pacing = self.courier.pacing();
        let may_retry = pacing.allows_again(now) && !self.flushes.is_shutting_down();
        let small = Take::Smallest;
        if pacing.is_open() && may_retry && self.backlog.has_stored() {
            return self.backlog.take(small, &self.queue, now);
        }
        if let Some(batch) = self.batcher.pop_ready() {
            return Some(batch);
        }
        let may_retry = may_retry || pacing.allows_again(now) && self.backlog.has_waiting();
        let probes = self.courier.failures() > 0;
        // What waits in memory is a part of it already; without it, no room would ever be made.
        let has_room = self.backlog.has_waiting() || !self.queue.is_over_limit();
        if !may_retry || !(self.backlog.is_due(now) || probes) || !has_room {
            return None;
        }
        let oldest = Take::Oldest { items: self.limits.batch_items, bytes: self.limits.batch_bytes };
        self.backlog.take(if probes { small } else { oldest }, &self.queue, now)
    }

    /// Divides a batch that is larger than the endpoint accepts, or than a probe may be.
    fn divide(&mut self, batch: Batch, now: Instant) -> (Batch, Option<Batch>) {
        if self.courier.pacing().is_open() && batch.files.is_empty() {
            let first = batch.count_within(PROBE.0, PROBE.1);
            if first < batch.len() {
                return (batch.select(|at| at < first), Some(batch.select(|at| at >= first)));
            }
        }
        self.courier.divide(batch, now)
    }

    /// Stores batches that cannot be sent soon: while the endpoint fails all, otherwise those that take more than half of
    /// the memory.
    fn relieve_memory(&mut self, now: Instant) {
        if !self.backlog.has_store() {
            return;
        }
        let waits = !self.courier.has_batch() && !self.courier.is_free(now);
        while (waits || self.queue.is_above_half()) && self.batcher.has_ready() {
            let Some(batch) = self.batcher.pop_ready() else { return };
            if let Some(batch) = self.backlog.store(batch, &self.queue, now) {
                self.batcher.push_front(vec![batch]);
                return;
            }
        }
    }

    fn settle(&mut self, batch: &Batch, mut settlement: Settlement) {
        let ledger = self.queue.ledger();
        ledger.delivered.add(settlement.delivered);
        ledger.retried.add(settlement.again_items());
        for (reason, items) in &settlement.dropped {
            ledger.dropped(*reason).add(*items);
        }
        // Last, so that the counters of settled items are complete.
        self.queue.settle(settlement.items(), settlement.bytes());
        let (again, now) = (std::mem::take(&mut settlement.again), Instant::now());
        self.backlog.record(batch, again.len(), self.queue.ledger());
        if matches!(settlement.pace, Pace::BackOff { .. } | Pace::ItemsBackOff) {
            again.into_iter().for_each(|batch| self.backlog.put(batch, &self.queue, now));
        } else {
            self.batcher.push_front(again);
            if self.log.is_failing() && settlement.delivered > 0 {
                self.backlog.spread(now);
            }
            self.backlog.store_waiting(&self.queue, now);
        }
        self.log.record(&settlement, self.batcher.has_parts(), now);
    }

    /// The numbers that are logged if there are losses or failures.
    fn counts(&self) -> Counts {
        let ledger = self.queue.ledger();
        Counts {
            losses: Losses::of(ledger),
            refused: ledger.refused_full.get(),
            waiting: self.queue.unsettled(),
            stored: ledger.stored(),
        }
    }

    fn execute(&mut self, command: Option<Command>) {
        match command {
            Some(Command::Flush(finisher)) => self.flushes.begin(finisher, self.queue.lens(), self.batcher.added()),
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
