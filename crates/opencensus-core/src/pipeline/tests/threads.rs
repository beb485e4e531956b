//! Many threads that queue items at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::*;
use crate::telemetry::MetricRecord;

const THREADS: usize = 8;

fn queue(limits: PipelineLimits) -> Arc<Queue> {
    Arc::new(Queue::new(&limits, Arc::new(Ledger::default())))
}

/// An item with the number of its thread and its number there.
fn numbered(thread: usize, number: usize) -> TelemetryItem {
    let name = format!("{thread}");
    MetricRecord::new(Origin::at(std::time::SystemTime::now()), name, number as f64).into()
}

fn numbers(item: &TelemetryItem) -> (usize, usize) {
    let TelemetryItem::Metric(metric) = item else { panic!("not a metric") };
    (metric.name.parse().unwrap(), metric.value as usize)
}

/// Runs the same in several threads at once.
fn at_once(work: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for number in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
}

#[test]
fn many_threads_never_exceed_the_bounds_and_one_thread_can_fill_them() {
    let size = numbered(0, 0).size();
    let by_items = PipelineLimits { max_items: 1000, ..PipelineLimits::default() };
    let by_bytes = PipelineLimits { max_bytes: 1000 * size, ..PipelineLimits::default() };
    for limits in [by_items, by_bytes] {
        let queue = queue(limits);
        at_once(|thread| {
            for number in 0..500 {
                queue.push(numbered(thread, number));
                assert!(queue.len() <= 1000);
            }
        });
        let stats = queue.stats();
        assert_eq!((stats.accepted, stats.accepted + stats.refused.full), (stats.queued, 500 * THREADS as u64));
        // Whatever the other threads had taken in advance is available.
        (0..1000).for_each(|number| queue.push(numbered(0, number)));
        assert_eq!((queue.stats().accepted, queue.len()), (1000, 1000));
        assert!(!queue.has_room());
        let taken = queue.pop().unwrap();
        queue.settle(1, taken.size);
        assert!(queue.has_room());
    }
}

#[test]
fn items_that_wait_take_the_room_of_items_in_the_queue() {
    let size = numbered(0, 0).size();
    let queue = queue(PipelineLimits { max_bytes: 100 * size, ..PipelineLimits::default() });
    (0..99).for_each(|number| queue.push(numbered(0, number)));
    assert!(queue.begin_wait(size) && !queue.has_room() && !queue.begin_wait(1));
    queue.end_wait(1, size);
    assert!(queue.has_room() && queue.begin_wait(size));
}

#[test]
fn room_that_other_threads_took_in_advance_is_available() {
    let queue = queue(PipelineLimits { max_items: 1000, ..PipelineLimits::default() });
    at_once(|thread| queue.push(numbered(thread, 0)));
    (0..1000 - THREADS).for_each(|number| {
        assert!(queue.has_room());
        queue.push(numbered(0, number));
    });
    assert_eq!((queue.stats().accepted, queue.stats().refused.full), (1000, 0));
    assert!(!queue.has_room());
}

#[test]
fn items_of_a_thread_keep_their_order_and_none_is_lost() {
    const EACH: usize = 5000;
    let queue = queue(PipelineLimits { max_items: 1 << 20, max_bytes: 1 << 30, ..PipelineLimits::default() });
    let mut next = [0; THREADS];
    thread::scope(|scope| {
        scope.spawn(|| at_once(|thread| (0..EACH).for_each(|number| queue.push(numbered(thread, number)))));
        while next.iter().sum::<usize>() < EACH * THREADS {
            let Some(taken) = queue.pop() else {
                thread::yield_now();
                continue;
            };
            let (thread, number) = numbers(&taken.item);
            assert_eq!(number, next[thread]);
            next[thread] += 1;
            queue.settle(1, taken.size);
        }
    });
    assert!(queue.is_settled() && queue.len() == 0 && queue.pop().is_none());
    assert_eq!(queue.stats().accepted, (EACH * THREADS) as u64);
}

#[test]
fn worker_that_sleeps_without_a_timer_misses_no_item() {
    // With one thread no other one wakes a worker that has missed its item.
    sleep_between_items(1, 300_000);
    sleep_between_items(THREADS, 2000);
}

/// Each thread queues its next item when the worker, which sleeps as soon as nothing is queued, has taken the one before.
fn sleep_between_items(threads: usize, each: usize) {
    let queue = queue(PipelineLimits::default());
    let taken: Vec<_> = (0..threads).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for (thread, taken) in taken.iter().enumerate() {
            let queue = &queue;
            scope.spawn(move || {
                let (mut next, mut spins) = (numbered(thread, 0), 0);
                for number in 0..each {
                    queue.push(next);
                    // Made before, so that it is queued while the worker falls asleep.
                    next = numbered(thread, number + 1);
                    let begun = Instant::now();
                    while taken.load(Ordering::SeqCst) <= number {
                        spins += 1;
                        if spins % 1000 == 0 {
                            assert!(begun.elapsed() < SOON, "the worker sleeps, and an item is queued");
                            thread::yield_now();
                        }
                    }
                }
            });
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            for round in 0.. {
                while let Some(next) = queue.pop() {
                    queue.settle(1, next.size);
                    taken[numbers(&next.item).0].fetch_add(1, Ordering::SeqCst);
                }
                if taken.iter().all(|taken| taken.load(Ordering::SeqCst) == each) {
                    break;
                }
                // Every time a little later, so that it coincides with every step of the next item's way.
                (0..round % 256).for_each(|step| {
                    std::hint::black_box(step);
                });
                if queue.begin_idle() {
                    let notified = tokio::time::timeout(SOON, queue.notified()).await;
                    assert!(notified.is_ok(), "{:?}", queue.stats());
                }
                queue.end_idle();
            }
        });
    });
}

#[test]
fn worker_is_woken_once_by_many_items() {
    let queue = queue(PipelineLimits { batch_items: 4, ..PipelineLimits::default() });
    let is_notified = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { futures_now(queue.notified()).await })
    };
    queue.push(numbered(0, 0));
    assert!(!is_notified() && !queue.begin_idle(), "the worker is awake");
    queue.pop().unwrap();
    assert!(queue.begin_idle());
    (0..10).for_each(|number| queue.push(numbered(0, number)));
    assert!(is_notified() && !is_notified());
    while queue.pop().is_some() {}
    queue.end_idle();
    (0..3).for_each(|number| queue.push(numbered(0, number)));
    assert!(!is_notified(), "the worker is awake, and no batch is full");
    (0..3).for_each(|number| queue.push(numbered(0, number)));
    assert!(is_notified() && !is_notified());
}

/// Whether the future is ready at its first poll.
async fn futures_now(future: impl Future<Output = ()>) -> bool {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_ready())).await
}

#[test]
fn lanes_share_the_batch_that_wakes_the_worker() {
    let queue = queue(PipelineLimits { batch_items: 24, ..PipelineLimits::default() });
    // One item in every lane.
    at_once(|thread| queue.push(numbered(thread, 0)));
    let lanes = queue.lens().iter().filter(|len| **len > 0).count();
    queue.end_idle();
    while queue.pop().is_some() {}
    let is_notified = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { futures_now(queue.notified()).await })
    };
    (1..24 / lanes).for_each(|number| queue.push(numbered(0, number)));
    assert!(!is_notified());
    queue.push(numbered(0, 0));
    assert!(is_notified());
}

#[test]
fn flush_includes_the_items_of_all_threads_while_others_go_on() {
    let exporter = InMemoryExporter::default();
    let limits = PipelineLimits { max_items: 1 << 16, max_bytes: 1 << 28, ..PipelineLimits::default() };
    let pipeline = Pipeline::start(Box::new(exporter.clone()), limits, None).unwrap();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for number in 0..20_000 {
                    if is_done.load(Ordering::Relaxed) {
                        break;
                    }
                    pipeline.submit(numbered(THREADS, number));
                }
            });
        }
        for round in 1..=5 {
            at_once(|thread| (0..20).for_each(|number| pipeline.submit(numbered(thread, number))));
            assert!(pipeline.flush(SOON).wait().complete);
            let delivered = exporter.items().iter().filter(|item| numbers(item).0 < THREADS).count();
            assert_eq!(delivered, round * 20 * THREADS);
        }
        is_done.store(true, Ordering::Relaxed);
    });
    let stats = pipeline.shutdown(SOON).wait().stats;
    assert!(stats.balances() && stats.queued == 0 && stats.accepted == stats.delivered, "{stats:?}");
}

#[test]
fn items_that_are_queued_while_the_worker_ends_are_dropped_and_counted() {
    for _ in 0..50 {
        let queue = queue(PipelineLimits::default());
        thread::scope(|scope| {
            scope.spawn(|| at_once(|thread| (0..100).for_each(|number| queue.push(numbered(thread, number)))));
            while queue.len() == 0 {
                thread::yield_now();
            }
            queue.worker_ended();
        });
        let stats = queue.stats();
        assert_eq!((stats.accepted, stats.queued), (stats.dropped.get(DropReason::Shutdown), 0));
        assert_eq!(stats.accepted + stats.refused.closed, 100 * THREADS as u64);
    }
}

#[test]
fn counters_of_all_threads_add_up() {
    let queue = queue(PipelineLimits::default());
    assert!(!queue.has_begun());
    at_once(|_| {
        for _ in 0..10_000 {
            queue.counters().requests.begin();
            queue.counters().sampled_out.increment();
            queue.counters().requests.finish(Some(404));
            let requests = queue.stats().requests;
            assert!(requests.started() >= requests.finished(4));
        }
        // Requests end in other threads than they begin in.
        queue.counters().requests.begin();
    });
    at_once(|_| queue.counters().requests.finish(None));
    let stats = queue.stats();
    let total = 10_000 * THREADS as u64;
    assert_eq!((stats.requests.started(), stats.sampled_out), (total + THREADS as u64, total));
    assert_eq!((stats.requests.finished(4), stats.requests.finished(0)), (total, THREADS as u64));
    assert!(queue.has_begun() && stats.requests.in_flight() == 0);
}
