//! Outages of the endpoint on a clock that is paused: what is sent when, and what is on disk by then.

use std::path::Path;

use super::*;
use crate::store::{Store, StoreOptions};

const FAILS: Delivery = Delivery::Retry { after: None };

fn destination() -> Destination {
    Destination::new(["endpoint"])
}

fn with_store(script: Vec<Delivery>) -> Scripted {
    Scripted { destination: Some(destination()), ..Scripted::returning(script) }
}

fn options(folder: &Path, limits: PipelineLimits) -> PipelineOptions {
    PipelineOptions { store: Some(StoreOptions::new(folder)), limits, ..PipelineOptions::default() }
}

/// Leaves a segment for each of these sizes, as an earlier process.
fn leave(folder: &Path, sizes: &[usize]) {
    let now = Instant::now();
    let mut store = Store::open(&StoreOptions::new(folder), destination(), now).unwrap();
    for size in sizes {
        let mut batch = Batch::default();
        (0..*size).for_each(|_| one_byte(&mut batch));
        store.put(&batch, now).unwrap();
    }
}

async fn until(worker: &OnPausedClock, is_done: impl Fn(&Stats) -> bool) {
    let begun = tokio::time::Instant::now();
    while !is_done(&worker.queue.stats()) {
        assert!(begun.elapsed() < Duration::from_secs(3600), "{:?}", worker.queue.stats());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn live_batch_is_divided_for_the_probe_after_three_failures() {
    paused(|| async {
        let exporter = Scripted::returning(vec![FAILS; 3]);
        let worker = OnPausedClock::start(exporter.clone(), PipelineLimits::default());
        (0..100).for_each(|_| worker.queue.push(item()));
        worker.until_settled().await;
        assert_eq!(exporter.sizes(), [100, 100, 100, 20, 80]);
        worker.stop().await;
    });
}

#[test]
fn probe_from_disk_is_the_smallest_segment() {
    paused(|| async {
        let folder = tempfile::tempdir().unwrap();
        leave(folder.path(), &[50, 5, 80]);
        let exporter = with_store(vec![FAILS; 20]);
        let worker = OnPausedClock::start_with(exporter.clone(), options(folder.path(), PipelineLimits::default()));
        until(&worker, |stats| stats.delivered == 135).await;
        let sizes = exporter.sizes();
        // Whether the endpoint fails is known after the first.
        assert_eq!(sizes[0], 135);
        assert_eq!(sizes[1..21], [5; 20]);
        assert_eq!(sizes[21..].iter().sum::<usize>(), 130);
        worker.stop().await;
    });
}

#[test]
fn backlog_is_sent_at_a_bounded_pace_beside_live_batches() {
    paused(|| async {
        let folder = tempfile::tempdir().unwrap();
        leave(folder.path(), &[10; 30]);
        let exporter = with_store(Vec::new());
        let limits = PipelineLimits { batch_items: 10, ..PipelineLimits::default() };
        let begun = tokio::time::Instant::now();
        let worker = OnPausedClock::start_with(exporter.clone(), options(folder.path(), limits));
        until(&worker, |stats| stats.delivered == 100).await;
        worker.queue.push(item());
        until(&worker, |stats| stats.delivered == 301).await;
        let sent = exporter.sent.lock().unwrap().clone();
        let live = sent.iter().position(|(_, items)| items.len() == 1).unwrap();
        assert!((10..=13).contains(&live), "{live}");
        let times: Vec<_> = sent.iter().filter(|(_, items)| items.len() == 10).map(|(time, _)| *time).collect();
        assert!(times[0] - begun <= Duration::from_millis(2_010));
        for pair in times.windows(2) {
            let wait = pair[1] - pair[0];
            assert!((100..=160).contains(&wait.as_millis()), "{wait:?}");
        }
        worker.stop().await;
    });
}

/// What a process finds if this one is killed now.
fn survivors(folder: &Path) -> usize {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let to = copy.path().join("store").join(path.file_name().unwrap());
            std::fs::create_dir_all(&to).unwrap();
            for file in std::fs::read_dir(&path).unwrap() {
                let file = file.unwrap().path();
                std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
            }
        }
    }
    Store::open(&StoreOptions::new(copy.path().join("store")), destination(), Instant::now()).unwrap().items()
}

#[test]
fn items_are_in_the_journal_within_50_milliseconds() {
    paused(|| async {
        let folder = tempfile::tempdir().unwrap();
        let (first_delay, batch_age) = (Duration::from_secs(10), Duration::from_secs(10));
        let limits = PipelineLimits { first_delay, batch_age, ..PipelineLimits::default() };
        let exporter = with_store(Vec::new());
        let worker = OnPausedClock::start_with(exporter.clone(), options(folder.path(), limits));
        for at in 1..=20 {
            worker.queue.push(item());
            tokio::time::sleep(Duration::from_millis(60)).await;
            assert_eq!(survivors(folder.path()), at);
        }
        assert_eq!(exporter.sizes().len(), 0);
        until(&worker, |stats| stats.delivered == 20).await;
        assert_eq!(survivors(folder.path()), 0);
        worker.stop().await;
    });
}

/// Delivers every batch after a second.
struct Slow {
    /// Whether the batch lives as long.
    holds: bool,
}

impl Exporter for Slow {
    fn destination(&self) -> Option<Destination> {
        Some(destination())
    }

    fn encode(&mut self, _: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        one_byte(batch);
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        let held = self.holds.then_some(batch);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(held);
            Delivery::Delivered.into()
        })
    }
}

#[test]
fn batch_in_flight_is_in_the_journal_within_50_milliseconds() {
    for holds in [false, true] {
        paused(async move || {
            let folder = tempfile::tempdir().unwrap();
            let limits = PipelineLimits { batch_items: 5, ..PipelineLimits::default() };
            let worker = OnPausedClock::start_with(Slow { holds }, options(folder.path(), limits));
            for round in 1..=3 {
                (0..5).for_each(|_| worker.queue.push(item()));
                tokio::time::sleep(Duration::from_millis(60)).await;
                assert_eq!(survivors(folder.path()), 5, "{round}, {holds}");
                until(&worker, |stats| stats.delivered == 5 * round).await;
                assert_eq!(survivors(folder.path()), 0);
            }
            worker.stop().await;
        });
    }
}

#[test]
fn batches_that_are_delivered_at_once_are_not_written_to_the_disk() {
    paused(|| async {
        let folder = tempfile::tempdir().unwrap();
        let mut script = vec![Delivery::Delivered; 11];
        script.push(FAILS);
        let limits = PipelineLimits { batch_items: 1, retry_base: SOON, ..PipelineLimits::default() };
        let worker = OnPausedClock::start_with(with_store(script), options(folder.path(), limits));
        for count in 1..=11 {
            worker.queue.push(item());
            until(&worker, |stats| stats.delivered == count).await;
        }
        worker.queue.push(item());
        until(&worker, |stats| stats.stored == 1).await;
        // Each file has the next number. The first batch was written: whether the exporter holds it was not known.
        let folders = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.filter(|path| path.is_dir()).flat_map(|path| std::fs::read_dir(path).unwrap());
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let numbers: Vec<_> = names.filter_map(|name| Some(name.split('-').nth(1)?.to_owned())).collect();
        assert_eq!(numbers, ["00000002"]);
        worker.stop().await;
    });
}

/// When the backlog's first three batches are sent, after the start.
async fn first_sends(script: Vec<Delivery>) -> Vec<Duration> {
    let folder = tempfile::tempdir().unwrap();
    leave(folder.path(), &[10; 3]);
    let exporter = with_store(script);
    let limits = PipelineLimits { batch_items: 10, ..PipelineLimits::default() };
    let begun = tokio::time::Instant::now();
    let worker = OnPausedClock::start_with(exporter.clone(), options(folder.path(), limits));
    until(&worker, |stats| stats.delivered == 30).await;
    worker.stop().await;
    exporter.times().into_iter().map(|time| time - begun).collect()
}

#[test]
fn backlog_waits_for_a_random_time_after_a_start_and_after_an_outage() {
    paused(|| async {
        let (mut starts, mut recoveries) = (Vec::new(), Vec::new());
        for _ in 0..12 {
            starts.push(first_sends(Vec::new()).await[0]);
            let times = first_sends(vec![FAILS; 3]).await;
            // The fourth is the first that is delivered.
            recoveries.push(times[4] - times[3]);
        }
        for waits in [starts, recoveries] {
            assert!(waits.iter().max().unwrap().as_millis() > 300, "{waits:?}");
            assert!(waits.iter().all(|wait| wait.as_millis() <= 2_010), "{waits:?}");
        }
    });
}

#[test]
fn items_that_fail_wait_and_live_batches_are_sent_meanwhile() {
    paused(|| async {
        let partial = Delivery::Partial { items: vec![(0, ItemOutcome::Retry)], after: None };
        let exporter = Scripted::returning(vec![partial; 6]);
        let worker = OnPausedClock::start(exporter.clone(), PipelineLimits::default());
        worker.queue.push(item());
        worker.until_settled().await;
        let times = exporter.times();
        assert_eq!(times.len(), 7);
        // Six waits of up to 1, 2, 4, 8, 16 and 32 s.
        assert!((times[6] - times[0]).as_millis() > 500);
        worker.stop().await;

        let after = Delivery::Partial { items: vec![(0, ItemOutcome::Retry)], after: None };
        let exporter = Scripted::returning([after]);
        let limits = PipelineLimits { retry_base: Duration::from_secs(1_000_000), ..PipelineLimits::default() };
        let limits = PipelineLimits { retry_max: limits.retry_base, ..limits };
        let worker = OnPausedClock::start(exporter.clone(), limits);
        worker.queue.push(item());
        until(&worker, |stats| stats.retried == 1).await;
        worker.queue.push(item());
        until(&worker, |stats| stats.delivered == 1).await;
        assert_eq!(exporter.sent.lock().unwrap()[1].1, ["2"]);
        worker.stop().await;
    });
}

#[test]
fn live_batches_are_stored_while_the_endpoint_is_given_time() {
    paused(|| async {
        let folder = tempfile::tempdir().unwrap();
        let wait = Duration::from_secs(1_000_000);
        let limits = PipelineLimits { retry_base: wait, retry_max: wait, ..PipelineLimits::default() };
        let exporter = with_store(vec![FAILS]);
        let worker = OnPausedClock::start_with(exporter.clone(), options(folder.path(), limits));
        for at in 1..=5 {
            worker.queue.push(item());
            until(&worker, |stats| stats.stored == at && stats.queued == 0).await;
        }
        assert_eq!(exporter.sizes(), [1]);
        worker.stop().await;
    });
}
