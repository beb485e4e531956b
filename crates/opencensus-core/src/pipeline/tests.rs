//! The pipeline as its users see it, with exporters that misbehave.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::worker::{Command, Exit, Worker};
use super::*;
use crate::exporter::{Batch, Delivery, InMemoryExporter, ItemOutcome, Sending, Unencodable};
use crate::propagation::TraceContext;
use crate::sampler::SamplingRate;
use crate::span::RequestRecord;
use crate::testing::Head;

const SOON: Duration = Duration::from_secs(20);

fn item() -> Telemetry {
    RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &Head::get("/")).into()
}

/// Numbers its items, notes when it was called with which, and answers by a script; then it
/// delivers everything.
#[derive(Clone, Default)]
struct Scripted {
    script: Arc<Mutex<VecDeque<Delivery>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
    encoded: usize,
}

type Sent = (tokio::time::Instant, Vec<String>);

impl Scripted {
    fn answering(script: impl IntoIterator<Item = Delivery>) -> Self {
        Self { script: Arc::new(Mutex::new(script.into_iter().collect())), ..Self::default() }
    }

    fn sizes(&self) -> Vec<usize> {
        self.sent.lock().unwrap().iter().map(|(_, items)| items.len()).collect()
    }

    fn times(&self) -> Vec<tokio::time::Instant> {
        self.sent.lock().unwrap().iter().map(|(time, _)| *time).collect()
    }
}

impl Exporter for Scripted {
    fn encode(&mut self, _: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
        self.encoded += 1;
        batch.push_bytes(|bytes| bytes.extend_from_slice(self.encoded.to_string().as_bytes()));
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> Sending {
        let items = batch.chunks().map(|chunk| String::from_utf8(chunk.to_vec()).unwrap()).collect();
        self.sent.lock().unwrap().push((tokio::time::Instant::now(), items));
        let delivery = self.script.lock().unwrap().pop_front().unwrap_or(Delivery::Delivered);
        Box::pin(std::future::ready(delivery))
    }
}

/// An exporter made of two closures.
struct With<E, S>(E, S);

impl<E, S> Exporter for With<E, S>
where
    E: FnMut(&mut Batch) + Send + 'static,
    S: FnMut(Arc<Batch>) -> Sending + Send + 'static,
{
    fn encode(&mut self, _: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
        (self.0)(batch);
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> Sending {
        (self.1)(batch)
    }
}

fn one_byte(batch: &mut Batch) {
    batch.push_bytes(|bytes| bytes.push(b'x'));
}

/// A worker on the test's own runtime, whose clock is paused and jumps to the next timer.
struct OnPausedClock {
    intake: Arc<Intake>,
    commands: UnboundedSender<Command>,
    task: tokio::task::JoinHandle<()>,
}

impl OnPausedClock {
    fn start(exporter: Scripted, limits: PipelineLimits) -> Self {
        let intake = Arc::new(Intake::new(&limits, Arc::new(Ledger::default())));
        let (commands, inbox) = mpsc::unbounded_channel();
        let mut worker = Worker::new(Box::new(exporter), limits, Arc::clone(&intake), inbox);
        let local = tokio::task::LocalSet::new();
        let task = local.spawn_local(async move { while let Exit::Say(_) = worker.run().await {} });
        tokio::task::spawn_local(local);
        Self { intake, commands, task }
    }

    async fn until_settled(&self) {
        while !self.intake.is_settled() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn stop(self) {
        drop(self.commands);
        self.task.await.unwrap();
    }
}

fn paused<F: Future>(test: impl FnOnce() -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async { test().await })
}

#[test]
fn first_item_after_a_pause_goes_out_soon_and_later_ones_wait_for_company() {
    paused(|| async {
        let exporter = Scripted::answering([Delivery::Retry { after: Some(Duration::from_secs(1)) }]);
        let limits = PipelineLimits::default();
        let worker = OnPausedClock::start(exporter.clone(), limits.clone());
        tokio::time::sleep(Duration::from_secs(100)).await;
        let pushed = tokio::time::Instant::now();
        worker.intake.push(item());
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(exporter.times()[0] - pushed, limits.first_delay);
        worker.intake.push(item());
        worker.until_settled().await;
        assert_eq!(exporter.sizes(), [1, 1, 1]);
        assert!(pushed.elapsed() <= limits.batch_age * 2);
        worker.stop().await;
    });
}

#[test]
fn batches_close_by_count_and_by_bytes() {
    paused(|| async {
        let exporter = Scripted::default();
        let limits = PipelineLimits { batch_items: 4, ..PipelineLimits::default() };
        let worker = OnPausedClock::start(exporter.clone(), limits);
        (0..10).for_each(|_| worker.intake.push(item()));
        worker.until_settled().await;
        assert_eq!(exporter.sizes(), [4, 4, 2]);
        worker.stop().await;

        let exporter = Scripted::default();
        let limits = PipelineLimits { batch_bytes: 3, ..PipelineLimits::default() };
        let worker = OnPausedClock::start(exporter.clone(), limits);
        // Items 1 to 9 have one byte, 10 to 12 two.
        (0..12).for_each(|_| worker.intake.push(item()));
        worker.until_settled().await;
        assert_eq!(exporter.sizes(), [3, 3, 3, 1, 1, 1]);
        worker.stop().await;
    });
}

#[test]
fn nothing_is_sent_before_the_time_that_the_endpoint_asks_for() {
    paused(|| async {
        let asked = Duration::from_secs(30);
        let exporter = Scripted::answering([Delivery::Retry { after: Some(asked) }]);
        let worker = OnPausedClock::start(exporter.clone(), PipelineLimits::default());
        worker.intake.push(item());
        worker.until_settled().await;
        let times = exporter.times();
        assert_eq!(times.len(), 2);
        assert!(times[1] - times[0] >= asked, "{:?}", times[1] - times[0]);
        let stats = worker.intake.stats();
        assert_eq!((stats.delivered, stats.retried), (1, 1));
        worker.stop().await;
    });
}

#[test]
fn failing_endpoint_is_tried_with_growing_jitter_until_it_works() {
    paused(|| async {
        let exporter = Scripted::answering(vec![Delivery::Retry { after: None }; 20]);
        let limits = PipelineLimits::default();
        let worker = OnPausedClock::start(exporter.clone(), limits.clone());
        worker.intake.push(item());
        worker.until_settled().await;
        let times = exporter.times();
        assert_eq!(times.len(), 21);
        for (failures, pair) in (1..).zip(times.windows(2)) {
            // The timer's resolution is a millisecond.
            let bound = retry::bound(&limits, failures) + Duration::from_millis(2);
            assert!(pair[1] - pair[0] <= bound, "{failures}");
        }
        worker.stop().await;
    });
}

#[test]
fn batch_that_is_too_old_is_dropped_and_counted() {
    paused(|| async {
        let exporter = Scripted::answering(vec![Delivery::Retry { after: None }; 5]);
        let limits = PipelineLimits { max_age: Duration::ZERO, ..PipelineLimits::default() };
        let worker = OnPausedClock::start(exporter, limits);
        worker.intake.push(item());
        worker.until_settled().await;
        let stats = worker.intake.stats();
        assert_eq!(stats.dropped.get(DropReason::Expired), 1);
        assert!(stats.balances());
        worker.stop().await;
    });
}

#[test]
fn refused_batch_is_cut_until_the_culprit_is_alone() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let mut number = 0;
    let encode = move |batch: &mut Batch| {
        number += 1;
        batch.push_bytes(|bytes| bytes.push(number));
    };
    let send = move |batch: Arc<Batch>| -> Sending {
        let bad = batch.chunks().any(|chunk| chunk == [42]);
        if !bad {
            log.lock().unwrap().extend(batch.chunks().map(<[u8]>::to_vec));
        }
        Box::pin(std::future::ready(if bad { Delivery::Refused } else { Delivery::Delivered }))
    };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    (0..100).for_each(|_| pipeline.submit(item()));
    let report = pipeline.flush(SOON).wait();
    assert_eq!((report.stats.delivered, report.stats.dropped.get(DropReason::Rejected)), (99, 1));
    assert!(report.complete && report.stats.balances());
    assert_eq!(sent.lock().unwrap().len(), 99);
}

#[test]
fn partial_answer_repeats_only_what_is_to_be_repeated() {
    let items = vec![(0, ItemOutcome::Retry), (1, ItemOutcome::Dropped(DropReason::Rejected))];
    let exporter = Scripted::answering([Delivery::Partial { items, after: None }]);
    let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None).unwrap();
    (0..3).for_each(|_| pipeline.submit(item()));
    let report = pipeline.flush(SOON).wait();
    assert_eq!(exporter.sent.lock().unwrap()[1].1, ["1"]);
    assert_eq!((report.stats.delivered, report.stats.dropped.total()), (2, 1));
}

/// An exporter that blocks its thread in `send` until the test lets it go.
fn blocking() -> (Box<dyn Exporter>, std::sync::mpsc::Sender<()>, Receiver<()>) {
    let (release, released) = channel();
    let (entered, has_entered) = channel();
    let send = move |_| -> Sending {
        let _ = entered.send(());
        let _ = released.recv();
        Box::pin(std::future::ready(Delivery::Delivered))
    };
    (Box::new(With(one_byte, send)), release, has_entered)
}

#[test]
fn queue_takes_no_more_items_than_its_bound() {
    let (exporter, release, entered) = blocking();
    let limits = PipelineLimits { max_items: 10, batch_items: 1, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(exporter, limits, None).unwrap();
    pipeline.submit(item());
    entered.recv().unwrap();
    (0..99).for_each(|_| pipeline.submit(item()));
    let stats = pipeline.stats();
    assert_eq!((stats.accepted, stats.queued, stats.refused.full), (10, 10, 90));
    assert!(stats.balances());
    drop(release);
    assert!(pipeline.shutdown(SOON).wait().complete);
    assert_eq!(pipeline.stats().delivered, 10);
}

#[test]
fn queue_takes_no_more_bytes_than_its_bound() {
    let (exporter, release, entered) = blocking();
    let max_bytes = item().size() * 5;
    let limits = PipelineLimits { max_bytes, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(exporter, limits, None).unwrap();
    pipeline.submit(item());
    entered.recv().unwrap();
    (0..99).for_each(|_| pipeline.submit(item()));
    let stats = pipeline.stats();
    assert!((4..=6).contains(&stats.accepted), "{stats:?}");
    assert_eq!(stats.accepted + stats.refused.full, 100);
    drop(release);
    assert!(pipeline.shutdown(SOON).wait().complete);
    assert!(pipeline.stats().balances());
}

#[test]
fn shutdown_and_flush_keep_their_deadlines_though_the_exporter_blocks() {
    let (exporter, release, entered) = blocking();
    let pipeline = Pipeline::start(exporter, PipelineLimits::default(), None).unwrap();
    pipeline.submit(item());
    entered.recv().unwrap();
    let begun = Instant::now();
    let report = pipeline.flush(Duration::from_millis(50)).wait();
    assert!(!report.complete && report.stats.queued == 1);
    let report = futures_executor::block_on(pipeline.shutdown(Duration::from_millis(50)));
    assert!(!report.complete && report.stats.queued == 1 && report.stats.balances());
    assert!(begun.elapsed() < SOON);
    drop(release);
}

#[test]
fn dropping_the_last_handle_keeps_the_grace_though_the_exporter_blocks() {
    let (exporter, release, entered) = blocking();
    let limits = PipelineLimits { grace: Duration::from_millis(50), ..PipelineLimits::default() };
    let pipeline = Pipeline::start(exporter, limits, None).unwrap();
    pipeline.submit(item());
    entered.recv().unwrap();
    let begun = Instant::now();
    drop(pipeline);
    assert!(begun.elapsed() < SOON);
    drop(release);
}

#[test]
fn shutdown_drops_what_a_hanging_endpoint_does_not_take_and_says_so() {
    let send = |_| -> Sending { Box::pin(std::future::pending()) };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), PipelineLimits::default(), None).unwrap();
    (0..7).for_each(|_| pipeline.submit(item()));
    let report = pipeline.shutdown(Duration::from_millis(200)).wait();
    assert!(report.complete, "{report:?}");
    assert_eq!(report.stats.dropped.get(DropReason::Shutdown), 7);
    assert!(report.stats.balances());
}

#[test]
fn dropping_the_last_handle_flushes_the_last_batch() {
    let exporter = InMemoryExporter::default();
    let limits = PipelineLimits { first_delay: SOON, batch_age: SOON, grace: SOON, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(exporter.clone()), limits, None).unwrap();
    pipeline.submit(item());
    let clone = pipeline.clone();
    drop(pipeline);
    assert!(exporter.items().is_empty());
    drop(clone);
    assert_eq!(exporter.items().len(), 1);
}

#[test]
fn last_handle_may_be_dropped_on_the_worker() {
    let (dropped, was_dropped) = channel();
    let handle: Arc<Mutex<Option<Pipeline>>> = Arc::default();
    let on_worker = Arc::clone(&handle);
    let send = move |_| -> Sending {
        drop(on_worker.lock().unwrap().take());
        let _ = dropped.send(());
        Box::pin(std::future::ready(Delivery::Delivered))
    };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), PipelineLimits::default(), None).unwrap();
    let intake = pipeline.intake();
    pipeline.submit(item());
    *handle.lock().unwrap() = Some(pipeline);
    was_dropped.recv_timeout(SOON).unwrap();
    while !intake.is_settled() {
        std::thread::yield_now();
    }
    assert_eq!(intake.stats().delivered, 1);
}

#[test]
fn panicking_exporter_costs_its_items_and_nothing_else() {
    let mut encoded = 0;
    let encode = move |batch: &mut Batch| {
        encoded += 1;
        batch.push_bytes(|bytes| {
            bytes.push(b'x');
            assert_ne!(encoded, 1, "the first item is a bad one");
        });
    };
    let mut sent = 0;
    let send = move |batch: Arc<Batch>| -> Sending {
        sent += 1;
        assert_ne!(sent, 1, "the first batch is a bad one");
        assert_eq!(batch.size(), batch.len(), "half an item is left over");
        let second = sent == 2;
        Box::pin(async move {
            assert!(!second, "the second batch is a bad one, later");
            Delivery::Delivered
        })
    };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    for _ in 0..4 {
        pipeline.submit(item());
        assert!(pipeline.flush(SOON).wait().complete);
    }
    let stats = pipeline.stats();
    assert_eq!((stats.delivered, stats.dropped.get(DropReason::ExporterPanicked)), (1, 3));
    assert!(stats.balances());
}

#[test]
fn exporter_that_cannot_start_is_an_error() {
    struct Broken;
    impl Exporter for Broken {
        fn start(&mut self) -> Result<(), BoxError> {
            Err("no certificates".into())
        }
        fn encode(&mut self, _: Telemetry, _: &mut Batch) -> Result<(), Unencodable> {
            Ok(())
        }
        fn send(&mut self, _: Arc<Batch>) -> Sending {
            Box::pin(std::future::ready(Delivery::Delivered))
        }
    }
    let error = Pipeline::start(Box::new(Broken), PipelineLimits::default(), None).unwrap_err();
    assert_eq!(error.to_string(), "the exporter could not start: no certificates");
}

#[test]
fn zero_limits_are_refused_by_name() {
    let limits = PipelineLimits { batch_items: 0, ..PipelineLimits::default() };
    let error = Pipeline::start(Box::new(InMemoryExporter::default()), limits, None).unwrap_err();
    assert_eq!(error.to_string(), "`batch_items` must not be zero");
}

#[test]
fn no_item_is_forgotten_between_sleep_and_wake() {
    let exporter = InMemoryExporter::default();
    let limits = PipelineLimits { first_delay: Duration::ZERO, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(exporter.clone()), limits, None).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..500 {
                    pipeline.submit(item());
                    (0..n % 50).for_each(|_| std::thread::yield_now());
                }
            });
        }
    });
    let report = pipeline.flush(SOON).wait();
    assert!(report.complete && report.stats.balances());
    assert_eq!(exporter.items().len(), 2000);
}

#[test]
fn closed_pipeline_refuses_and_counts() {
    let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None).unwrap();
    assert!(pipeline.shutdown(SOON).wait().complete);
    pipeline.submit(item());
    assert_eq!(pipeline.stats().refused.closed, 1);
    assert!(pipeline.shutdown(SOON).wait().complete);
}

/// A subscriber for the whole process that notes the threads on which it is asked.
struct Listener(Mutex<std::collections::HashSet<String>>);

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        // Other tests' pipelines report about themselves, as they should.
        if metadata.target() == "opencensus" {
            return false;
        }
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        self.0.lock().unwrap().insert(name);
        false
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }
}

#[test]
fn work_of_the_exporter_is_silent() {
    let subscriber = tracing::Dispatch::new(Listener(Mutex::default()));
    tracing::dispatcher::set_global_default(subscriber.clone()).unwrap();
    let send = |_| -> Sending {
        tracing::error!("from send");
        Box::pin(async {
            tracing::error!("from the future");
            // In another task, and after the thread has slept.
            let task = tokio::spawn(async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                tracing::error!("from a task");
            });
            task.await.unwrap();
            Delivery::Delivered
        })
    };
    let encode = |batch: &mut Batch| {
        tracing::error!("from encode");
        one_byte(batch);
    };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    pipeline.submit(item());
    assert!(pipeline.flush(SOON).wait().complete);
    // Where nobody is silent, the same subscriber hears.
    std::thread::Builder::new().name("talker".into()).spawn(|| tracing::error!("hello")).unwrap().join().unwrap();
    let heard = subscriber.downcast_ref::<Listener>().unwrap().0.lock().unwrap().clone();
    assert!(heard.contains("talker") && !heard.contains("opencensus"), "{heard:?}");
}

#[test]
fn waiting_for_ever_is_no_overflow() {
    let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None).unwrap();
    pipeline.submit(item());
    assert_eq!(pipeline.shutdown(Duration::MAX).wait().stats.delivered, 1);
    let limits = PipelineLimits {
        grace: Duration::MAX,
        batch_age: Duration::MAX,
        first_delay: Duration::MAX,
        ..PipelineLimits::default()
    };
    let exporter = InMemoryExporter::default();
    let pipeline = Pipeline::start(Box::new(exporter.clone()), limits, None).unwrap();
    pipeline.submit(item());
    drop(pipeline);
    assert_eq!(exporter.items().len(), 1);
}

#[test]
fn shutdown_keeps_its_deadline_when_the_handle_goes_first() {
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let mut released = Some(released);
    let send = move |_| -> Sending {
        let released = released.take();
        Box::pin(async {
            if let Some(released) = released {
                let _ = released.await;
            }
            Delivery::Delivered
        })
    };
    let limits = PipelineLimits { grace: Duration::ZERO, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), limits, None).unwrap();
    let intake = pipeline.intake();
    pipeline.submit(item());
    let completion = pipeline.shutdown(SOON);
    drop(pipeline);
    // The worker has seen that the handle is gone once it has gone to sleep again.
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(intake.stats().dropped.total(), 0);
    drop(release);
    assert_eq!(completion.wait().stats.delivered, 1);
}

#[test]
fn items_that_are_not_encoded_do_not_end_a_flush_too_soon() {
    struct Picky(u32);
    impl Exporter for Picky {
        fn encode(&mut self, _: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
            self.0 += 1;
            if self.0 > 1 {
                return Err(Unencodable::TooLarge);
            }
            one_byte(batch);
            Ok(())
        }
        fn send(&mut self, _: Arc<Batch>) -> Sending {
            Box::pin(std::future::pending())
        }
    }
    let pipeline = Pipeline::start(Box::new(Picky(0)), PipelineLimits::default(), None).unwrap();
    (0..5).for_each(|_| pipeline.submit(item()));
    let report = pipeline.flush(Duration::from_millis(100)).wait();
    assert!(!report.complete && report.stats.queued == 1, "{report:?}");
    assert_eq!(report.stats.dropped.get(DropReason::TooLarge), 4);
    let report = pipeline.shutdown(Duration::from_millis(100)).wait();
    assert!(report.stats.balances() && report.stats.queued == 0);
}

#[test]
fn exporter_that_pushes_twice_costs_that_item_and_the_numbers_add_up() {
    let mut encoded = 0;
    let encode = move |batch: &mut Batch| {
        encoded += 1;
        one_byte(batch);
        if encoded == 2 {
            one_byte(batch);
        }
    };
    let send = |_| -> Sending { Box::pin(std::future::ready(Delivery::Delivered)) };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    (0..3).for_each(|_| pipeline.submit(item()));
    let stats = pipeline.flush(SOON).wait().stats;
    assert_eq!((stats.delivered, stats.dropped.get(DropReason::Unsupported)), (2, 1));
    assert!(stats.balances() && stats.queued == 0);
}

#[test]
fn exporter_is_stopped_once_after_its_last_batch() {
    struct Stoppable(Arc<Mutex<Vec<&'static str>>>);
    impl Exporter for Stoppable {
        fn encode(&mut self, _: Telemetry, batch: &mut Batch) -> Result<(), Unencodable> {
            one_byte(batch);
            Ok(())
        }
        fn send(&mut self, _: Arc<Batch>) -> Sending {
            self.0.lock().unwrap().push("sent");
            Box::pin(std::future::ready(Delivery::Delivered))
        }
        fn stop(&mut self, _: Duration) {
            self.0.lock().unwrap().push("stopped");
        }
    }
    let log = Arc::default();
    let pipeline = Pipeline::start(Box::new(Stoppable(Arc::clone(&log))), PipelineLimits::default(), None).unwrap();
    pipeline.submit(item());
    assert!(pipeline.shutdown(SOON).wait().complete);
    assert_eq!(*log.lock().unwrap(), ["sent", "stopped"]);
}

#[test]
fn small_queue_keeps_going_without_waiting_for_the_age_of_a_batch() {
    let encode = |batch: &mut Batch| batch.push_bytes(|bytes| bytes.resize(bytes.len() + item().size(), b'x'));
    let send = |_| -> Sending { Box::pin(std::future::ready(Delivery::Delivered)) };
    let limits = PipelineLimits {
        max_bytes: 20 * item().size(),
        batch_age: Duration::from_secs(3600),
        first_delay: Duration::from_secs(3600),
        ..PipelineLimits::default()
    };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), limits, None).unwrap();
    let begun = Instant::now();
    for _ in 0..500 {
        while pipeline.stats().queued > 15 {
            assert!(begun.elapsed() < SOON, "{:?}", pipeline.stats());
            std::thread::yield_now();
        }
        pipeline.submit(item());
    }
    assert_eq!(pipeline.stats().refused.full, 0);
    assert_eq!(pipeline.shutdown(SOON).wait().stats.delivered, 500);
}

#[test]
fn items_that_grow_when_they_are_encoded_do_not_starve_the_queue() {
    let grow = |batch: &mut Batch| batch.push_bytes(|bytes| bytes.extend_from_slice(&[b'x'; 5000]));
    let send = |_| -> Sending { Box::pin(std::future::ready(Delivery::Delivered)) };
    let limits =
        PipelineLimits { max_bytes: 64 * 1024, batch_age: Duration::from_secs(3600), ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(With(grow, send)), limits, None).unwrap();
    let begun = Instant::now();
    while pipeline.stats().delivered < 1000 {
        assert!(begun.elapsed() < SOON, "{:?}", pipeline.stats());
        pipeline.submit(item());
    }
    let stats = pipeline.shutdown(SOON).wait().stats;
    assert!(stats.balances() && stats.queued == 0);
}

#[test]
fn flush_is_complete_only_when_everything_before_it_is_done_with() {
    let (exporter, release, entered) = blocking();
    let limits = PipelineLimits { max_bytes: 20 * item().size(), ..PipelineLimits::default() };
    let pipeline = Pipeline::start(exporter, limits, None).unwrap();
    pipeline.submit(item());
    entered.recv().unwrap();
    (0..50).for_each(|_| pipeline.submit(item()));
    let flush = pipeline.flush(SOON);
    drop(release);
    let report = flush.wait();
    assert!(report.complete && report.stats.queued == 0, "{report:?}");
}

#[test]
fn loss_at_the_very_end_is_counted() {
    let send = |_| -> Sending { Box::pin(std::future::pending()) };
    let limits = PipelineLimits { grace: Duration::from_millis(100), ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), limits, None).unwrap();
    let intake = pipeline.intake();
    pipeline.submit(item());
    drop(pipeline);
    assert_eq!(intake.stats().dropped.get(DropReason::Shutdown), 1);
}
