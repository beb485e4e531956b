//! Pipelines with a store on disk.

use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::exporter::Destination;
use crate::store::StoreOptions;

const DELIVERS: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;

/// Names its items by number and behaves as the test demands.
#[derive(Clone, Default)]
struct Endpoint {
    behaviour: Arc<AtomicU8>,
    received: Arc<Mutex<Vec<String>>>,
    sizes: Arc<Mutex<Vec<usize>>>,
    encoded: usize,
}

impl Endpoint {
    fn that(behaviour: u8) -> Self {
        Self { behaviour: Arc::new(AtomicU8::new(behaviour)), ..Self::default() }
    }

    fn received(&self) -> Vec<String> {
        let mut received = self.received.lock().unwrap().clone();
        received.sort();
        received
    }
}

impl Exporter for Endpoint {
    fn destination(&self) -> Option<Destination> {
        Some(Destination::new(["endpoint"]))
    }

    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        let TelemetryItem::Request(record) = item else { return Err(EncodeError::Unsupported) };
        self.encoded += 1;
        batch.push_bytes(|bytes| bytes.extend_from_slice(record.path().as_bytes()));
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        self.sizes.lock().unwrap().push(batch.len());
        match self.behaviour.load(Ordering::SeqCst) {
            DELIVERS => {
                let items = batch.chunks().map(|chunk| String::from_utf8(chunk.to_vec()).unwrap());
                self.received.lock().unwrap().extend(items);
                Box::pin(std::future::ready(Delivery::Delivered.into()))
            }
            FAILS => Box::pin(std::future::ready(Delivery::Retry { after: None }.into())),
            _ => Box::pin(std::future::pending()),
        }
    }
}

fn request(number: usize) -> TelemetryItem {
    let head = Head::get(format!("/{number:05}").leak());
    RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &head).into()
}

fn names(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("/{number:05}")).collect()
}

fn start(endpoint: &Endpoint, folder: &Path) -> Pipeline {
    let options = PipelineOptions { store: Some(StoreOptions::new(folder)), ..PipelineOptions::default() };
    Pipeline::start_with(Box::new(endpoint.clone()), options).unwrap()
}

fn until(pipeline: &Pipeline, is_done: impl Fn(&Stats) -> bool) -> Stats {
    let begun = Instant::now();
    loop {
        let stats = pipeline.stats();
        if is_done(&stats) {
            return stats;
        }
        assert!(begun.elapsed() < SOON, "{stats:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn items_that_fail_are_on_disk_and_the_next_process_sends_them() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(FAILS);
    let pipeline = start(&endpoint, folder.path());
    (0..100).for_each(|number| pipeline.submit(request(number)));
    let report = pipeline.shutdown(SOON).wait();
    assert!(report.complete && report.stats.balances(), "{report:?}");
    assert_eq!((report.stats.accepted, report.stats.stored, report.stats.dropped.total()), (100, 100, 0));
    endpoint.behaviour.store(DELIVERS, Ordering::SeqCst);
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
    let endpoint = Endpoint::that(HANGS);
    let pipeline = start(&endpoint, folder.path());
    (0..700).for_each(|number| pipeline.submit(request(number)));
    let begun = Instant::now();
    let deadline = Duration::from_secs(2);
    let report = pipeline.shutdown(deadline).wait();
    assert!(report.complete && begun.elapsed() <= deadline + Duration::from_millis(200), "{:?}", begun.elapsed());
    assert_eq!((report.stats.stored, report.stats.queued, report.stats.dropped.total()), (700, 0, 0));
}

#[test]
fn last_handle_that_is_dropped_leaves_the_rest_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = start(&Endpoint::that(HANGS), folder.path());
    let queue = pipeline.queue();
    (0..10).for_each(|number| pipeline.submit(request(number)));
    drop(pipeline);
    let stats = queue.stats();
    assert_eq!((stats.stored, stats.dropped.total(), stats.queued), (10, 0, 0));
}

#[test]
fn flush_is_complete_when_items_are_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = start(&Endpoint::that(FAILS), folder.path());
    (0..10).for_each(|number| pipeline.submit(request(number)));
    let report = pipeline.flush(SOON).wait();
    assert!(report.complete && report.stats.balances(), "{report:?}");
    assert_eq!((report.stats.stored, report.stats.queued), (10, 0));
    pipeline.shutdown(SOON).wait();
}

#[test]
fn live_items_are_sent_again_after_an_outage_and_the_backlog_follows() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::that(FAILS);
    let pipeline = start(&endpoint, folder.path());
    (0..50).for_each(|number| pipeline.submit(request(number)));
    until(&pipeline, |stats| stats.stored == 50);
    endpoint.behaviour.store(DELIVERS, Ordering::SeqCst);
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
    let endpoint = Endpoint::that(DELIVERS);
    let pipeline = start(&endpoint, &file);
    pipeline.submit(request(1));
    let report = pipeline.shutdown(SOON).wait();
    assert_eq!((report.stats.delivered, report.stats.stored), (1, 0));
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
