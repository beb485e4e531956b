//! Pipelines with a store on disk.

use std::fs::File;

use super::endpoint::Behaviour::{Delivers, Fails, Hangs, HangsAfterHalving};
use super::endpoint::{Endpoint, names, request, start, start_with, until};
use super::*;
use crate::store::StoreOptions;

#[test]
fn items_that_fail_are_on_disk_and_the_next_process_sends_them() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(Fails);
    let pipeline = start(&endpoint, folder.path());
    (0..100).for_each(|number| pipeline.submit(request(number)));
    let report = pipeline.shutdown(SOON).wait();
    assert!(report.complete && report.stats.balances(), "{report:?}");
    assert_eq!((report.stats.accepted, report.stats.stored, report.stats.dropped.total()), (100, 100, 0));
    endpoint.set(Delivers);
    let next = start(&endpoint, folder.path());
    let stats = until(&next, |stats| stats.delivered == 100);
    assert_eq!((stats.recovered, stats.stored, stats.queued), (100, 0, 0));
    assert!(stats.balances(), "{stats:?}");
    assert_eq!(endpoint.received(), names(0..100));
    next.shutdown(SOON).wait();
}

#[test]
fn shutdown_stores_what_a_hanging_endpoint_does_not_accept_within_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(Hangs);
    let pipeline = start(&endpoint, folder.path());
    (0..700).for_each(|number| pipeline.submit(request(number)));
    let begun = Instant::now();
    let deadline = Duration::from_secs(2);
    let report = pipeline.shutdown(deadline).wait();
    assert!(report.complete && begun.elapsed() <= deadline + Duration::from_millis(200), "{:?}", begun.elapsed());
    assert_eq!((report.stats.stored, report.stats.queued, report.stats.dropped.total()), (700, 0, 0));
}

#[test]
fn shutdown_stores_everything_without_a_journal_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let store = StoreOptions { journal: false, ..StoreOptions::new(folder.path()) };
    let pipeline = start_with(&Endpoint::that(Hangs), store, PipelineLimits::default());
    (0..700).for_each(|number| pipeline.submit(request(number)));
    let report = pipeline.shutdown(Duration::from_secs(1)).wait();
    assert_eq!((report.stats.stored, report.stats.queued, report.stats.dropped.total()), (700, 0, 0));
}

#[test]
fn last_handle_that_is_dropped_leaves_the_rest_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = start(&Endpoint::that(Hangs), folder.path());
    let queue = pipeline.queue();
    (0..10).for_each(|number| pipeline.submit(request(number)));
    drop(pipeline);
    let stats = queue.stats();
    assert_eq!((stats.stored, stats.dropped.total(), stats.queued), (10, 0, 0));
}

#[test]
fn flush_is_complete_when_items_are_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = start(&Endpoint::that(Fails), folder.path());
    (0..10).for_each(|number| pipeline.submit(request(number)));
    let report = pipeline.flush(SOON).wait();
    assert!(report.complete && report.stats.balances(), "{report:?}");
    assert_eq!((report.stats.stored, report.stats.queued), (10, 0));
    pipeline.shutdown(SOON).wait();
}

#[test]
fn live_items_are_sent_again_after_an_outage_and_the_backlog_follows() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(Fails);
    let pipeline = start(&endpoint, folder.path());
    (0..50).for_each(|number| pipeline.submit(request(number)));
    until(&pipeline, |stats| stats.stored == 50);
    endpoint.set(Delivers);
    (50..60).for_each(|number| pipeline.submit(request(number)));
    let stats = until(&pipeline, |stats| stats.delivered == 60);
    assert!(stats.balances() && stats.recovered == 0, "{stats:?}");
    assert_eq!(endpoint.received(), names(0..60));
    pipeline.shutdown(SOON).wait();
    let files = std::fs::read_dir(folder.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(files.count(), 0, "nothing is left on disk");
}

#[test]
fn folder_that_cannot_be_used_leaves_the_pipeline_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let endpoint = Endpoint::that(Delivers);
    let pipeline = start(&endpoint, &file);
    pipeline.submit(request(1));
    let report = pipeline.shutdown(SOON).wait();
    assert_eq!((report.stats.delivered, report.stats.stored), (1, 0));
}

#[test]
fn folder_that_can_be_used_later_is_used_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    std::fs::write(&path, "").unwrap();
    let options = PipelineOptions { store: Some(StoreOptions::new(&path)), ..PipelineOptions::default() };
    paused(|| async {
        let worker = OnPausedClock::start_with(Endpoint::that(Fails), options);
        worker.queue.push(request(0));
        let begun = tokio::time::Instant::now();
        while worker.queue.stats().stored == 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let waited = begun.elapsed();
            assert!(waited < Duration::from_secs(600), "{:?}", worker.queue.stats());
            if waited > Duration::from_secs(30) && path.is_file() {
                assert_eq!(worker.queue.stats().queued, 1);
                std::fs::remove_file(&path).unwrap();
            }
        }
        assert!(worker.queue.stats().balances());
        worker.stop().await;
    });
}

#[test]
fn exporter_without_a_destination_has_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let options = PipelineOptions { store: Some(StoreOptions::new(folder.path())), ..PipelineOptions::default() };
    let pipeline = Pipeline::start_with(Box::new(InMemoryExporter::default()), options).unwrap();
    pipeline.submit(item());
    assert!(pipeline.shutdown(SOON).wait().complete);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Locks a folder that a pipeline has used, as another process does while it writes.
fn lock(folder: &std::path::Path) -> File {
    let usage = File::options().read(true).write(true).open(folder.join("usage")).unwrap();
    usage.lock().unwrap();
    usage
}

#[test]
fn start_does_not_wait_for_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(Fails);
    start(&endpoint, folder.path()).shutdown(SOON).wait();
    let lock = lock(folder.path());
    let begun = Instant::now();
    let pipeline = start(&endpoint, folder.path());
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    pipeline.submit(request(0));
    drop(lock);
    assert_eq!(pipeline.shutdown(SOON).wait().stats.stored, 1);
}

#[test]
fn items_in_the_journal_stay_there_if_the_folder_is_locked_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(Hangs);
    let pipeline = start(&endpoint, folder.path());
    (0..10).for_each(|number| pipeline.submit(request(number)));
    until(&pipeline, |_| endpoint.sends() > 0);
    let lock = lock(folder.path());
    let stats = pipeline.shutdown(Duration::from_secs(2)).wait().stats;
    assert_eq!((stats.stored, stats.dropped.total(), stats.queued), (10, 0, 0), "{stats:?}");
    assert!(stats.balances());
    drop(lock);
    endpoint.set(Delivers);
    let next = start(&endpoint, folder.path());
    until(&next, |stats| stats.delivered == 10);
    assert_eq!(endpoint.received(), names(0..10));
    next.shutdown(SOON).wait();
}

#[test]
fn halves_of_a_journaled_batch_stay_there_if_the_folder_is_locked_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(HangsAfterHalving);
    let pipeline = start(&endpoint, folder.path());
    (0..10).for_each(|number| pipeline.submit(request(number)));
    until(&pipeline, |_| endpoint.sends() > 1);
    let lock = lock(folder.path());
    let stats = pipeline.shutdown(Duration::from_secs(2)).wait().stats;
    assert_eq!((stats.stored, stats.dropped.total(), stats.queued), (10, 0, 0), "{stats:?}");
    drop(lock);
}

#[test]
fn many_small_items_are_on_disk_before_the_queue_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(Hangs);
    let limits = PipelineLimits { max_items: 100, batch_items: 10, ..PipelineLimits::default() };
    let pipeline = start_with(&endpoint, StoreOptions::new(folder.path()), limits);
    for number in 0..500 {
        pipeline.submit(request(number));
        if number % 10 == 9 {
            until(&pipeline, |stats| stats.queued < 80);
        }
    }
    let stats = pipeline.shutdown(Duration::from_secs(2)).wait().stats;
    assert_eq!((stats.accepted, stats.stored, stats.refused.full), (500, 500, 0), "{stats:?}");
}
