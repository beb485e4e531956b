//! How deliveries are handled.

use super::*;

#[test]
fn nothing_is_sent_before_the_time_that_the_endpoint_asks_for() {
    paused(|| async {
        let retry_after = Duration::from_secs(30);
        let exporter = Scripted::returning([Delivery::Retry { after: Some(retry_after) }]);
        let worker = OnPausedClock::start(exporter.clone(), PipelineLimits::default());
        worker.queue.push(item());
        worker.until_settled().await;
        let times = exporter.times();
        assert_eq!(times.len(), 2);
        assert!(times[1] - times[0] >= retry_after, "{:?}", times[1] - times[0]);
        let stats = worker.queue.stats();
        assert_eq!((stats.delivered, stats.retried), (1, 1));
        worker.stop().await;
    });
}

#[test]
fn failing_endpoint_is_retried_with_growing_jitter_until_it_works() {
    paused(|| async {
        let exporter = Scripted::returning(vec![Delivery::Retry { after: None }; 20]);
        let limits = PipelineLimits::default();
        let worker = OnPausedClock::start(exporter.clone(), limits.clone());
        worker.queue.push(item());
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
        let exporter = Scripted::returning(vec![Delivery::Retry { after: None }; 5]);
        let limits = PipelineLimits { max_age: Duration::ZERO, ..PipelineLimits::default() };
        let worker = OnPausedClock::start(exporter, limits);
        worker.queue.push(item());
        worker.until_settled().await;
        let stats = worker.queue.stats();
        assert_eq!(stats.dropped.get(DropReason::Expired), 1);
        assert!(stats.balances());
        worker.stop().await;
    });
}

#[test]
fn refused_batch_is_bisected_until_the_bad_item_is_isolated() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let mut number = 0;
    let encode = move |batch: &mut Batch| {
        number += 1;
        batch.push_bytes(|bytes| bytes.push(number));
    };
    let send = move |batch: Arc<Batch>| -> SendFuture {
        let bad = batch.chunks().any(|chunk| chunk == [42]);
        if !bad {
            log.lock().unwrap().extend(batch.chunks().map(<[u8]>::to_vec));
        }
        Box::pin(std::future::ready(if bad { Delivery::Bisect.into() } else { Delivery::Delivered.into() }))
    };
    let pipeline = Pipeline::start(Box::new(With(encode, send)), PipelineLimits::default(), None).unwrap();
    (0..100).for_each(|_| pipeline.submit(item()));
    let report = pipeline.flush(SOON).wait();
    assert_eq!((report.stats.delivered, report.stats.dropped.get(DropReason::Rejected)), (99, 1));
    assert!(report.complete && report.stats.balances());
    assert_eq!(sent.lock().unwrap().len(), 99);
}

#[test]
fn partial_delivery_retries_only_the_items_to_retry() {
    let items = vec![(0, ItemOutcome::Retry), (1, ItemOutcome::Dropped(DropReason::Rejected))];
    let exporter = Scripted::returning([Delivery::Partial { items, after: None }]);
    let pipeline = Pipeline::start(Box::new(exporter.clone()), PipelineLimits::default(), None).unwrap();
    (0..3).for_each(|_| pipeline.submit(item()));
    let report = pipeline.flush(SOON).wait();
    assert_eq!(exporter.sent.lock().unwrap()[1].1, ["1"]);
    assert_eq!((report.stats.delivered, report.stats.dropped.total()), (2, 1));
}
