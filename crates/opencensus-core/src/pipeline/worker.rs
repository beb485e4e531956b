//! The worker's loop: queue → open batch → ready batches → one batch under way.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::exporter::{Batch, Delivery, DropReason, EncodeError, Exporter, SendFuture};
use crate::pipeline::completion::Finisher;
use crate::pipeline::limits::PipelineLimits;
use crate::pipeline::options::PipelineOptions;
use crate::pipeline::pacing::Pacing;
use crate::pipeline::processor::{self, Processor};
use crate::pipeline::queue::Queue;
use crate::pipeline::settle::{Bisection, settle};
use crate::pipeline::stats_reporter::Reporter;
use crate::pipeline::warning::{Message, Messages};
use crate::telemetry::TelemetryItem;

/// What a handle asks the worker for.
pub(super) enum Command {
    Flush(Finisher),
    Shutdown(Finisher),
}

/// Why the loop pauses.
pub(super) enum Exit {
    /// There is something to say, outside the silence that the loop runs in. Call again.
    Say(Message),
    /// Shut down.
    Done,
}

const SAY_FAILING_AFTER: u32 = 3;
/// The worker gives up this much before a shutdown's deadline, so that its report is in time.
const REPORT_MARGIN: Duration = Duration::from_millis(50);

/// A flush waits until what was queued when it came is taken, and then until that is done with.
struct Flush {
    still_queued: usize,
    taken: u64,
    finisher: Finisher,
}

pub(super) struct Worker {
    exporter: Box<dyn Exporter>,
    processors: Vec<Processor>,
    reporter: Option<Reporter>,
    limits: PipelineLimits,
    queue: Arc<Queue>,
    inbox: mpsc::UnboundedReceiver<Command>,
    inbox_open: bool,
    open: Batch,
    ready: VecDeque<Batch>,
    under_way: Option<(Arc<Batch>, SendFuture)>,
    // When the open batch goes out; nobody waits while this is `None`.
    due: Option<Instant>,
    pacing: Pacing,
    bisection: Bisection,
    // Items put into a batch, and items of batches that are done with, in the same order.
    taken: u64,
    settled: u64,
    flushes: Vec<Flush>,
    shutdowns: Vec<Finisher>,
    give_up: Option<Instant>,
    exporter_stopped: bool,
    messages: Messages,
}

impl Worker {
    pub(super) fn new(
        exporter: Box<dyn Exporter>,
        options: PipelineOptions,
        queue: Arc<Queue>,
        inbox: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            exporter,
            processors: options.processors,
            reporter: options.report_interval.map(Reporter::new),
            limits: options.limits,
            queue,
            inbox,
            inbox_open: true,
            open: Batch::default(),
            ready: VecDeque::new(),
            under_way: None,
            due: None,
            pacing: Pacing::default(),
            bisection: Bisection::default(),
            taken: 0,
            settled: 0,
            flushes: Vec::new(),
            shutdowns: Vec::new(),
            give_up: None,
            exporter_stopped: false,
            messages: Messages::default(),
        }
    }

    pub(super) fn start_exporter(&mut self) -> Result<(), crate::exporter::BoxError> {
        self.exporter.start()
    }

    /// Works until there is something to say, or nothing left to do after a shutdown.
    pub(super) async fn run(&mut self) -> Exit {
        loop {
            let now = Instant::now();
            self.drain_queue();
            self.report_due(now);
            self.close_due(now);
            self.send_next(now);
            self.finish_flushes(now);
            let is_shut_down = self.is_shut_down(now);
            if is_shut_down {
                self.stop_exporter(now);
            }
            // Before anybody is told that all is done, and ends the process.
            if let Some(message) = self.messages.next() {
                return Exit::Say(message);
            }
            if is_shut_down {
                self.shutdowns.drain(..).for_each(Finisher::finish);
                return Exit::Done;
            }
            self.sleep(now).await;
        }
    }

    /// Waits for whatever comes first: a delivery, a command, a call, a point in time.
    async fn sleep(&mut self, now: Instant) {
        let resting = self.is_empty() && self.give_up.is_none() && self.queue.rest();
        if resting {
            self.due = None;
        } else {
            // Items may come in without a call: look again when the next batch is due.
            let wait = if self.is_empty() { self.limits.first_delay } else { self.limits.batch_age };
            self.due.get_or_insert(now + wait);
        }
        let alarm = self.alarm(now);
        let under_way = &mut self.under_way;
        let mut called = false;
        let delivery = tokio::select! {
            biased;
            delivery = poll_fn(|cx| poll_sending(under_way, cx)), if under_way.is_some() => Some(delivery),
            command = self.inbox.recv(), if self.inbox_open => {
                self.obey(command);
                None
            }
            () = self.queue.called() => {
                called = true;
                None
            }
            () = sleep_until(alarm.unwrap_or(now)), if alarm.is_some() => None,
        };
        self.queue.up();
        if resting && called {
            self.due = Some(Instant::now() + self.limits.first_delay);
        }
        if let Some(delivery) = delivery {
            self.settle(delivery);
        }
    }

    fn is_empty(&self) -> bool {
        self.open.is_empty() && self.ready.is_empty() && self.under_way.is_none()
    }

    /// The next point in time at which there is something to do.
    fn alarm(&mut self, now: Instant) -> Option<Instant> {
        let retry = self.pacing.wait_ends().filter(|_| self.under_way.is_none() && !self.ready.is_empty());
        let flush = self.flushes.iter().map(|flush| flush.finisher.deadline().into()).min();
        let report = self.report_is_due(now);
        [self.due, retry, self.give_up, flush, report].into_iter().flatten().min()
    }

    /// When the next report of the pipeline's own counters is due. An endpoint that fails gets none: the counts
    /// wait for better times.
    fn report_is_due(&mut self, now: Instant) -> Option<Instant> {
        let reporter = self.reporter.as_mut().filter(|_| self.pacing.failures() == 0)?;
        reporter.due(&self.queue.stats(), now)
    }

    /// Tells what has become of the items, every now and then, and at last before a shutdown.
    fn report_due(&mut self, now: Instant) {
        let Some(due) = self.report_is_due(now) else { return };
        let is_last = self.give_up.is_some() && self.is_empty() && self.queue.len() == 0;
        if due <= now || is_last {
            let stats = self.queue.stats();
            let report = self.reporter.as_mut().map(|reporter| reporter.report(stats, SystemTime::now()));
            self.take_more(report.unwrap_or_default());
        }
    }

    /// Encodes what is queued. One batch's worth a round, so that deliveries are seen in time.
    fn drain_queue(&mut self) {
        for _ in 0..self.limits.batch_items {
            // Encoded items may be larger than they were. What has gone out makes room again.
            let something_goes_out = !self.ready.is_empty() || self.under_way.is_some();
            if self.queue.is_overgrown() && something_goes_out {
                return;
            }
            let Some((mut item, size)) = self.queue.pop() else { return };
            if self.drops(&mut item) {
                self.count_filtered(size);
                continue;
            }
            let exporter = &mut self.exporter;
            // A panic leaves of the item what it leaves.
            let parts = catch_unwind(AssertUnwindSafe(|| exporter.split(&mut item))).unwrap_or_default();
            self.take(item, size);
            self.take_more(parts);
            self.count_taken();
        }
        // There may be more.
        self.due = Some(Instant::now());
    }

    /// Encodes items that were in nobody's queue.
    fn take_more(&mut self, items: Vec<TelemetryItem>) {
        for mut item in items {
            let size = item.size();
            self.queue.accept_more(size);
            if self.drops(&mut item) {
                self.queue.ledger().dropped(DropReason::Processor).increment();
                self.queue.settle(1, size);
            } else {
                self.take(item, size);
            }
        }
    }

    /// Whether a processor drops the item. A panic in one is counted and drops nothing.
    fn drops(&mut self, item: &mut TelemetryItem) -> bool {
        let processed = processor::process(&mut self.processors, item);
        self.queue.ledger().processor_panics.add(processed.panics);
        processed.is_dropped
    }

    /// A processor did not want the item; that is as it should be, and needs no warning.
    fn count_filtered(&mut self, size: usize) {
        self.queue.ledger().dropped(DropReason::Processor).increment();
        self.queue.settle(1, size);
        self.count_taken();
    }

    /// Encodes one item into the open batch.
    fn take(&mut self, item: TelemetryItem, size: usize) {
        let (items, bytes) = (self.open.len(), self.open.size());
        let (exporter, open) = (&mut self.exporter, &mut self.open);
        let encoded = catch_unwind(AssertUnwindSafe(|| exporter.encode(item, open)));
        let reason = match encoded {
            Ok(Ok(())) => None,
            Ok(Err(EncodeError::TooLarge)) => Some(DropReason::TooLarge),
            Ok(Err(EncodeError::Unsupported)) => Some(DropReason::Unsupported),
            Err(_) => Some(DropReason::ExporterPanicked),
        };
        self.open.repair();
        if reason.is_none() && self.open.len() == items + 1 {
            self.taken += 1;
            self.open.set_started(std::time::Instant::now());
            self.queue.resize(size, self.open.size() - bytes);
        } else {
            // Two pushes for one item are a mistake; both go.
            let reason = reason.or((self.open.len() > items).then_some(DropReason::Unsupported));
            self.open.truncate(items);
            self.count_unpushed(reason, size);
        }
        self.close_full();
    }

    /// One item less stands before the flushes.
    fn count_taken(&mut self) {
        for flush in self.flushes.iter_mut().filter(|flush| flush.still_queued > 0) {
            flush.still_queued -= 1;
            flush.taken = self.taken;
        }
    }

    fn count_unpushed(&mut self, reason: Option<DropReason>, size: usize) {
        match reason {
            Some(reason) => self.count_dropped(reason, 1),
            None => self.queue.ledger().delivered.increment(),
        }
        self.queue.settle(1, size);
    }

    fn close_full(&mut self) {
        if self.open.size() > self.limits.batch_bytes && self.open.len() > 1 {
            let last = self.open.split_last();
            let mut full = std::mem::replace(&mut self.open, last);
            full.close();
            self.ready.push_back(full);
        }
        if self.open.len() >= self.limits.batch_items || self.open.size() >= self.limits.batch_bytes {
            self.close();
        }
    }

    fn close_due(&mut self, now: Instant) {
        // A flush that has all its items in closed batches does not hurry those that came later.
        let closed = self.taken - self.open.len() as u64;
        let is_waited_for = |flush: &Flush| flush.still_queued == 0 && flush.taken > closed;
        let hurry = self.give_up.is_some() || self.flushes.iter().any(is_waited_for);
        if hurry || self.due.is_some_and(|due| due <= now) {
            self.close();
        }
    }

    fn close(&mut self) {
        self.due = None;
        if !self.open.is_empty() {
            let mut batch = std::mem::take(&mut self.open);
            batch.close();
            self.ready.push_back(batch);
        }
    }

    fn send_next(&mut self, now: Instant) {
        if self.under_way.is_some() || !self.pacing.allows(now) {
            return;
        }
        let Some(batch) = self.ready.pop_front() else { return };
        let batch = Arc::new(batch);
        let exporter = &mut self.exporter;
        let sending = catch_unwind(AssertUnwindSafe(|| exporter.send(Arc::clone(&batch))));
        let sending = sending.unwrap_or_else(|_| Box::pin(std::future::ready(panicked())));
        self.under_way = Some((batch, sending));
    }

    fn settle(&mut self, delivery: Delivery) {
        let Some((batch, sending)) = self.under_way.take() else { return };
        // A future may panic when it is dropped, too.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(sending)));
        let mut settlement = settle(&batch, delivery, &mut self.bisection);
        self.drop_expired(&batch, &mut settlement.again);
        let ledger = self.queue.ledger();
        ledger.delivered.add(settlement.delivered);
        let (again, again_size) =
            settlement.again.iter().fold((0, 0), |(items, size), batch| (items + batch.len(), size + batch.size()));
        ledger.retried.add(again);
        for (reason, items) in settlement.dropped {
            self.count_dropped(reason, items);
        }
        self.settled += (batch.len() - again) as u64;
        self.queue.settle(batch.len() - again, batch.size() - again_size);
        settlement.again.into_iter().rev().for_each(|batch| self.ready.push_front(batch));
        self.pacing.follow(settlement.pace, &self.limits);
        if self.pacing.failures() >= SAY_FAILING_AFTER {
            self.messages.say(Message::Failing { failures: self.pacing.failures() });
        }
    }

    fn drop_expired(&mut self, batch: &Batch, again: &mut Vec<Batch>) {
        if batch.started().is_some_and(|started| started.elapsed() > self.limits.max_age) {
            let items = again.drain(..).map(|batch| batch.len()).sum();
            self.count_dropped(DropReason::Expired, items);
        }
    }

    fn obey(&mut self, command: Option<Command>) {
        match command {
            Some(Command::Flush(finisher)) => {
                let still_queued = self.queue.len();
                self.flushes.push(Flush { still_queued, taken: self.taken, finisher });
            }
            Some(Command::Shutdown(finisher)) => {
                let deadline = Instant::from_std(finisher.deadline());
                let left = deadline.saturating_duration_since(Instant::now());
                self.shut_down(deadline - REPORT_MARGIN.min(left / 10));
                self.shutdowns.push(finisher);
            }
            // The last handle says so before it goes; this is for a handle that could not.
            None => {
                self.inbox_open = false;
                self.queue.close();
                // A shutdown that was asked for keeps its own deadline.
                if self.give_up.is_none() {
                    self.shut_down(Instant::now() + self.limits.grace);
                }
            }
        }
    }

    fn shut_down(&mut self, give_up: Instant) {
        self.give_up = Some(self.give_up.map_or(give_up, |other| other.min(give_up)));
        self.pacing.hurry();
    }

    fn finish_flushes(&mut self, now: Instant) {
        for at in (0..self.flushes.len()).rev() {
            let Flush { still_queued, taken, finisher } = &self.flushes[at];
            if *still_queued == 0 && *taken <= self.settled {
                self.flushes.swap_remove(at).finisher.finish();
            } else if Instant::from_std(finisher.deadline()) <= now {
                self.flushes.swap_remove(at);
            }
        }
    }

    /// Lets the exporter hand on what it holds back, in the time that is left.
    fn stop_exporter(&mut self, now: Instant) {
        if !std::mem::replace(&mut self.exporter_stopped, true) {
            let within = self.give_up.map_or(Duration::ZERO, |give_up| give_up.saturating_duration_since(now));
            let exporter = &mut self.exporter;
            let _ = catch_unwind(AssertUnwindSafe(|| exporter.stop(within)));
        }
    }

    /// Whether everything is done, or given up and counted.
    fn is_shut_down(&mut self, now: Instant) -> bool {
        let Some(give_up) = self.give_up else { return false };
        if give_up <= now {
            self.drop_everything();
        }
        self.is_empty() && self.queue.len() == 0
    }

    fn drop_everything(&mut self) {
        let under_way = self.under_way.take().map(|(batch, sending)| {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(sending)));
            batch
        });
        let (mut items, mut size) = under_way.map_or((0, 0), |batch| (batch.len(), batch.size()));
        for batch in self.ready.drain(..).chain(std::iter::once(std::mem::take(&mut self.open))) {
            items += batch.len();
            size += batch.size();
        }
        while let Some((_, bytes)) = self.queue.pop() {
            items += 1;
            size += bytes;
        }
        self.count_dropped(DropReason::Shutdown, items);
        self.settled += items as u64;
        self.queue.settle(items, size);
    }

    fn count_dropped(&mut self, reason: DropReason, items: usize) {
        if items > 0 {
            self.queue.ledger().dropped(reason).add(items);
            self.messages.say(Message::Dropped { reason, items });
        }
    }
}

/// However the worker ends, by a panic of its own too: what it holds is counted.
impl Drop for Worker {
    fn drop(&mut self) {
        self.drop_everything();
        self.queue.worker_is_gone();
    }
}

fn poll_sending(under_way: &mut Option<(Arc<Batch>, SendFuture)>, cx: &mut std::task::Context<'_>) -> Poll<Delivery> {
    let Some((_, sending)) = under_way else { return Poll::Pending };
    catch_unwind(AssertUnwindSafe(|| sending.as_mut().poll(cx))).unwrap_or_else(|_| Poll::Ready(panicked()))
}

fn panicked() -> Delivery {
    Delivery::Dropped { reason: DropReason::ExporterPanicked, pause: None }
}
