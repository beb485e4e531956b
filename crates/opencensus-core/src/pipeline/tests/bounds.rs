//! Items that the queue accepts, and items that it refuses.

use super::*;

#[test]
fn queue_accepts_no_more_items_than_its_limit() {
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
fn queue_accepts_no_more_bytes_than_its_limit() {
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
fn zero_limits_are_rejected_by_name() {
    let limits = PipelineLimits { batch_items: 0, ..PipelineLimits::default() };
    let error = Pipeline::start(Box::new(InMemoryExporter::default()), limits, None).unwrap_err();
    assert_eq!(error.to_string(), "`batch_items` is 0: it must not be zero");
}

#[test]
fn closed_pipeline_refuses_and_counts() {
    let pipeline = Pipeline::start(Box::new(InMemoryExporter::default()), PipelineLimits::default(), None).unwrap();
    assert!(pipeline.shutdown(SOON).wait().complete);
    pipeline.submit(item());
    assert_eq!(pipeline.stats().refused.closed, 1);
    assert!(pipeline.shutdown(SOON).wait().complete);
}

#[test]
fn items_that_grow_when_they_are_encoded_do_not_block_the_queue() {
    let grow = |batch: &mut Batch| batch.push_bytes(|bytes| bytes.extend_from_slice(&[b'x'; 5000]));
    let send = |_| -> SendFuture { Box::pin(std::future::ready(Delivery::Delivered.into())) };
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
