//! Flush, shutdown, and the drop of the last handle.

use super::*;

#[test]
fn shutdown_and_flush_keep_their_deadlines_if_the_exporter_blocks() {
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
fn dropping_the_last_handle_keeps_the_grace_period_if_the_exporter_blocks() {
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
fn shutdown_drops_and_counts_items_that_a_hanging_endpoint_does_not_accept() {
    let send = |_| -> SendFuture { Box::pin(std::future::pending()) };
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
    let send = move |_| -> SendFuture {
        drop(on_worker.lock().unwrap().take());
        let _ = dropped.send(());
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), PipelineLimits::default(), None).unwrap();
    let queue = pipeline.queue();
    pipeline.submit(item());
    *handle.lock().unwrap() = Some(pipeline);
    was_dropped.recv_timeout(SOON).unwrap();
    while !queue.is_settled() {
        std::thread::yield_now();
    }
    assert_eq!(queue.stats().delivered, 1);
}

#[test]
fn endless_waits_do_not_overflow() {
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
fn shutdown_keeps_its_deadline_after_the_handle_is_dropped() {
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let mut released = Some(released);
    let send = move |_| -> SendFuture {
        let released = released.take();
        Box::pin(async {
            if let Some(released) = released {
                let _ = released.await;
            }
            Delivery::Delivered.into()
        })
    };
    let limits = PipelineLimits { grace: Duration::ZERO, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), limits, None).unwrap();
    let queue = pipeline.queue();
    pipeline.submit(item());
    let completion = pipeline.shutdown(SOON);
    drop(pipeline);
    // Time for the worker to notice the drop.
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(queue.stats().dropped.total(), 0);
    drop(release);
    assert_eq!(completion.wait().stats.delivered, 1);
}

#[test]
fn items_that_are_not_encoded_do_not_end_a_flush_early() {
    struct FirstItemOnly(u32);
    impl Exporter for FirstItemOnly {
        fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
            self.0 += 1;
            if self.0 > 1 {
                return Err(EncodeError::TooLarge);
            }
            one_byte(batch);
            Ok(())
        }
        fn send(&mut self, _: Arc<Batch>) -> SendFuture {
            Box::pin(std::future::pending())
        }
    }
    let pipeline = Pipeline::start(Box::new(FirstItemOnly(0)), PipelineLimits::default(), None).unwrap();
    (0..5).for_each(|_| pipeline.submit(item()));
    let report = pipeline.flush(Duration::from_millis(100)).wait();
    assert!(!report.complete && report.stats.queued == 1, "{report:?}");
    assert_eq!(report.stats.dropped.get(DropReason::TooLarge), 4);
    let report = pipeline.shutdown(Duration::from_millis(100)).wait();
    assert!(report.stats.balances() && report.stats.queued == 0);
}

#[test]
fn exporter_is_stopped_once_after_its_last_batch() {
    struct Stoppable(Arc<Mutex<Vec<&'static str>>>);
    impl Exporter for Stoppable {
        fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
            one_byte(batch);
            Ok(())
        }
        fn send(&mut self, _: Arc<Batch>) -> SendFuture {
            self.0.lock().unwrap().push("sent");
            Box::pin(std::future::ready(Delivery::Delivered.into()))
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
fn flush_is_complete_only_when_all_items_before_it_are_settled() {
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
fn items_lost_at_the_end_are_counted() {
    let send = |_| -> SendFuture { Box::pin(std::future::pending()) };
    let limits = PipelineLimits { grace: Duration::from_millis(100), ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), limits, None).unwrap();
    let queue = pipeline.queue();
    pipeline.submit(item());
    drop(pipeline);
    assert_eq!(queue.stats().dropped.get(DropReason::Shutdown), 1);
}
