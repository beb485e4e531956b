//! When batches close and are sent.

use super::*;

#[test]
fn first_item_after_a_pause_is_sent_soon_and_later_ones_wait_for_a_batch() {
    paused(|| async {
        let exporter = Scripted::returning([Delivery::Retry { after: Some(Duration::from_secs(1)) }]);
        let limits = PipelineLimits::default();
        let worker = OnPausedClock::start(exporter.clone(), limits.clone());
        tokio::time::sleep(Duration::from_secs(100)).await;
        let pushed = tokio::time::Instant::now();
        worker.queue.push(item());
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(exporter.times()[0] - pushed, limits.first_delay);
        worker.queue.push(item());
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
        (0..10).for_each(|_| worker.queue.push(item()));
        worker.until_settled().await;
        assert_eq!(exporter.sizes(), [4, 4, 2]);
        worker.stop().await;

        let exporter = Scripted::default();
        let limits = PipelineLimits { batch_bytes: 3, ..PipelineLimits::default() };
        let worker = OnPausedClock::start(exporter.clone(), limits);
        // Items 1 to 9 have one byte, 10 to 12 two.
        (0..12).for_each(|_| worker.queue.push(item()));
        worker.until_settled().await;
        assert_eq!(exporter.sizes(), [3, 3, 3, 1, 1, 1]);
        worker.stop().await;
    });
}

#[test]
fn batches_are_full_while_items_flow() {
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let sent = Arc::clone(&sizes);
    let send = move |batch: Arc<Batch>| -> SendFuture {
        sent.lock().unwrap().push(batch.len());
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    };
    let hour = Duration::from_secs(3600);
    let limits = PipelineLimits { batch_items: 4, batch_age: hour, first_delay: hour, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(With(one_byte, send)), limits, None).unwrap();
    // On the system's clock: time passes between two looks at the queue.
    for _ in 0..401 {
        (0..11).for_each(|_| pipeline.submit(item()));
        let begun = Instant::now();
        // At most three in the open batch, and three in the queue that do not wake the worker.
        while pipeline.stats().queued > 6 {
            assert!(begun.elapsed() < SOON, "{:?}", pipeline.stats());
            std::thread::yield_now();
        }
    }
    assert!(pipeline.flush(SOON).wait().complete);
    let sizes = sizes.lock().unwrap();
    assert_eq!((sizes.len(), sizes.last()), (1103, Some(&3)), "{sizes:?}");
}

#[test]
fn no_item_is_lost_while_the_worker_falls_asleep() {
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
fn small_queue_is_sent_without_waiting_for_the_age_of_a_batch() {
    let encode = |batch: &mut Batch| batch.push_bytes(|bytes| bytes.resize(bytes.len() + item().size(), b'x'));
    let send = |_| -> SendFuture { Box::pin(std::future::ready(Delivery::Delivered.into())) };
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
fn flush_that_waits_does_not_split_later_items_into_small_batches() {
    paused(|| async {
        let busy = Delivery::Retry { after: Some(Duration::from_secs(60)) };
        let exporter = Scripted::returning([busy.clone(), busy]);
        let limits = PipelineLimits { batch_age: Duration::from_secs(300), ..PipelineLimits::default() };
        let worker = OnPausedClock::start(exporter.clone(), limits);
        worker.queue.push(item());
        let deadline = Instant::now() + Duration::from_secs(1000);
        let (_completion, finisher) = completion::pair(deadline, Arc::clone(&worker.queue));
        assert!(worker.commands.send(Command::Flush(finisher)).is_ok());
        // One before the second attempt, one before the third.
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(50)).await;
            worker.queue.push(item());
        }
        worker.until_settled().await;
        assert_eq!(exporter.sizes(), [1, 1, 1, 2]);
        worker.stop().await;
    });
}
