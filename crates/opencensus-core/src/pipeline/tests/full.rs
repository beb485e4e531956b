//! An endpoint that fails, and no room in memory or on disk.

use std::sync::atomic::{AtomicBool, Ordering};

use super::endpoint::Behaviour::{Delivers, Fails};
use super::endpoint::{Endpoint, failed_request, names, start_with, until};
use super::*;
use crate::path_filter::PathFilter;
use crate::sampler::{AlwaysOn, ParentPolicy};
use crate::span::Current;
use crate::store::StoreOptions;
use crate::tracer::Tracer;

fn limits() -> PipelineLimits {
    let wait = Duration::from_millis(20);
    PipelineLimits { max_items: 200, batch_items: 10, retry_base: wait, retry_max: wait, ..PipelineLimits::default() }
}

/// Submits failed requests until neither memory nor disk has room for another one. How many.
fn fill(pipeline: &Pipeline, endpoint: &Endpoint) -> usize {
    let mut submitted = 0;
    loop {
        let sends = endpoint.sends();
        let stats = until(pipeline, |stats| stats.queued < 200 || endpoint.sends() > sends + 10);
        if stats.queued == 200 {
            return submitted;
        }
        pipeline.submit(failed_request(submitted));
        submitted += 1;
        assert!(submitted < 10_000, "{stats:?}");
    }
}

#[test]
fn requests_are_refused_before_they_are_copied_while_the_circuit_is_open_and_the_store_full() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(Fails);
    let mut store = StoreOptions::new(folder.path());
    store.max_bytes = 4096;
    let pipeline = start_with(&endpoint, store, limits());
    let filter = PathFilter::new(["/health"]).unwrap();
    let tracer = Tracer::new(filter, Box::new(AlwaysOn), ParentPolicy::default(), &pipeline);
    let accepted = fill(&pipeline, &endpoint);
    assert!(pipeline.stats().stored > 0, "{:?}", pipeline.stats());
    let before = pipeline.stats();
    for _ in 0..100 {
        assert!(matches!(tracer.begin(&Head::get("/refused")), Current::NonRecording(_)));
        pipeline.submit(failed_request(99_999));
    }
    let sends = endpoint.sends();
    until(&pipeline, |_| endpoint.sends() > sends + 3);
    let stats = pipeline.stats();
    assert_eq!(stats.refused.full, before.refused.full + 200);
    assert_eq!((stats.accepted, endpoint.encoded()), (accepted as u64, accepted), "nothing is encoded");
    endpoint.set(Delivers);
    let stats = until(&pipeline, |stats| stats.delivered == accepted as u64);
    assert!(stats.balances() && stats.dropped.total() == 0, "{stats:?}");
    assert_eq!(endpoint.received(), names(0..accepted));
    assert!(matches!(tracer.begin(&Head::get("/again")), Current::Recording(_)));
    pipeline.shutdown(SOON).wait();
}

#[test]
fn items_that_outgrow_the_memory_when_they_are_encoded_are_sent_after_an_outage() {
    let works = Arc::new(AtomicBool::new(false));
    let grow = |batch: &mut Batch| batch.push_bytes(|bytes| bytes.extend_from_slice(&[b'x'; 5000]));
    let has_recovered = Arc::clone(&works);
    let send = move |_| -> SendFuture {
        let works = has_recovered.load(Ordering::SeqCst);
        let delivery = if works { Delivery::Delivered } else { Delivery::Retry { after: None } };
        Box::pin(std::future::ready(delivery.into()))
    };
    let limits = PipelineLimits { max_bytes: 64 * 1024, ..limits() };
    let pipeline = Pipeline::start(Box::new(With(grow, send)), limits, None).unwrap();
    while pipeline.stats().refused.full == 0 {
        pipeline.submit(item());
    }
    until(&pipeline, |stats| stats.retried > 2 * stats.accepted);
    works.store(true, Ordering::SeqCst);
    let stats = pipeline.flush(SOON).wait().stats;
    assert_eq!((stats.delivered, stats.queued), (stats.accepted, 0), "{stats:?}");
    pipeline.shutdown(SOON).wait();
}
