//! An endpoint that behaves as a test demands, and pipelines with a store that send to it.

use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use super::*;
use crate::store::StoreOptions;
use crate::telemetry::request::Outcome;

#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Behaviour {
    Delivers,
    Fails,
    Hangs,
    /// Batches of more than five items are too large.
    HangsAfterHalving,
}

/// Names its items by number.
#[derive(Clone, Default)]
pub(super) struct Endpoint {
    behaviour: Arc<AtomicU8>,
    received: Arc<Mutex<Vec<String>>>,
    sends: Arc<AtomicUsize>,
    encoded: Arc<AtomicUsize>,
}

impl Endpoint {
    pub(super) fn that(behaviour: Behaviour) -> Self {
        let endpoint = Self::default();
        endpoint.set(behaviour);
        endpoint
    }

    pub(super) fn set(&self, behaviour: Behaviour) {
        self.behaviour.store(behaviour as u8, Ordering::SeqCst);
    }

    pub(super) fn received(&self) -> Vec<String> {
        let mut received = self.received.lock().unwrap().clone();
        received.sort();
        received
    }

    pub(super) fn sends(&self) -> usize {
        self.sends.load(Ordering::SeqCst)
    }

    pub(super) fn encoded(&self) -> usize {
        self.encoded.load(Ordering::SeqCst)
    }
}

impl Exporter for Endpoint {
    fn destination(&self) -> Option<Destination> {
        Some(Destination::new(["endpoint"]))
    }

    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        let TelemetryItem::Request(record) = item else { return Err(EncodeError::Unsupported) };
        self.encoded.fetch_add(1, Ordering::SeqCst);
        batch.push_bytes(|bytes| bytes.extend_from_slice(record.path().as_bytes()));
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        self.sends.fetch_add(1, Ordering::SeqCst);
        let behaviour = self.behaviour.load(Ordering::SeqCst);
        if behaviour == Behaviour::Fails as u8 {
            return Box::pin(std::future::ready(Delivery::Retry { after: None }.into()));
        }
        if behaviour == Behaviour::HangsAfterHalving as u8 && batch.len() > 5 {
            return Box::pin(std::future::ready(Delivery::TooLarge.into()));
        }
        if behaviour != Behaviour::Delivers as u8 {
            return Box::pin(std::future::pending());
        }
        let items = batch.chunks().map(|chunk| String::from_utf8(chunk.to_vec()).unwrap());
        self.received.lock().unwrap().extend(items);
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}

/// A request whose path is this number.
pub(super) fn request(number: usize) -> TelemetryItem {
    record(number).into()
}

/// The same with a status of 500.
pub(super) fn failed_request(number: usize) -> TelemetryItem {
    let mut record = record(number);
    record.set_end(Duration::from_millis(1), Some(500), Outcome::Completed);
    record.into()
}

fn record(number: usize) -> RequestRecord {
    RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &Head::get(name(number).leak()))
}

fn name(number: usize) -> String {
    format!("/{number:05}")
}

pub(super) fn names(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(name).collect()
}

pub(super) fn start(endpoint: &Endpoint, folder: &Path) -> Pipeline {
    start_with(endpoint, StoreOptions::new(folder), PipelineLimits::default())
}

pub(super) fn start_with(endpoint: &Endpoint, store: StoreOptions, limits: PipelineLimits) -> Pipeline {
    let options = PipelineOptions { store: Some(store), limits, ..PipelineOptions::default() };
    Pipeline::start_with(Box::new(endpoint.clone()), options).unwrap()
}

/// Waits until the counters are as expected.
pub(super) fn until(pipeline: &Pipeline, is_done: impl Fn(&Stats) -> bool) -> Stats {
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
