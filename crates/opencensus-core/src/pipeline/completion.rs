//! The end of a flush or a shutdown, with and without a runtime.

use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::pipeline::queue::Queue;
use crate::pipeline::report::Report;
use crate::pipeline::stats::Stats;

/// A flush or a shutdown under way: a future for every executor, or [`wait`](Self::wait) for it.
///
/// The work goes on if this is dropped.
#[derive(Debug)]
#[must_use = "await it, or wait for it, to know what became of the telemetry"]
pub struct Completion {
    shared: Option<Arc<Shared>>,
    queue: Option<Arc<Queue>>,
    has_timer: bool,
}

/// The worker's end: completes when it is told so, or dropped.
#[derive(Debug)]
pub(super) struct Finisher {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    deadline: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    over: Option<End>,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Done,
    // The deadline passed, or the worker is gone.
    Open,
}

pub(super) fn pair(deadline: Instant, queue: Arc<Queue>) -> (Completion, Finisher) {
    let shared = Arc::new(Shared { deadline, state: Mutex::default(), changed: Condvar::new() });
    let finisher = Finisher { shared: Arc::clone(&shared) };
    (Completion { shared: Some(shared), queue: Some(queue), has_timer: false }, finisher)
}

impl Completion {
    /// Nothing was running: complete at once, with nothing to report.
    pub fn nothing_to_do() -> Self {
        Self { shared: None, queue: None, has_timer: false }
    }

    /// Blocks this thread until the work is done or the deadline passes. Without a runtime, or
    /// where blocking is allowed.
    pub fn wait(self) -> Report {
        let end = self.shared.as_ref().map_or(End::Done, |shared| shared.wait());
        self.report(end)
    }

    fn report(&self, end: End) -> Report {
        let Some(queue) = &self.queue else { return Report { complete: true, stats: Stats::default() } };
        // With every item settled there is nothing left to wait for, even if the worker is gone.
        Report { complete: end == End::Done || queue.is_settled(), stats: queue.stats() }
    }
}

impl Future for Completion {
    type Output = Report;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Report> {
        let Some(shared) = self.shared.clone() else { return Poll::Ready(self.report(End::Done)) };
        {
            let mut state = shared.lock();
            if let Some(end) = state.over {
                drop(state);
                drop(shared);
                return Poll::Ready(self.report(end));
            }
            state.waker = Some(cx.waker().clone());
        }
        if !self.has_timer {
            self.has_timer = true;
            spawn_timer(shared);
        }
        Poll::Pending
    }
}

/// Keeps the deadline when no runtime does and the worker cannot. If no thread is to be had, this
/// one waits.
fn spawn_timer(shared: Arc<Shared>) {
    let timer = Arc::clone(&shared);
    let spawned = std::thread::Builder::new().name("opencensus-deadline".into()).spawn(move || timer.wait());
    if spawned.is_err() {
        shared.wait();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, end: End) {
        let mut state = self.lock();
        if state.over.is_none() {
            state.over = Some(end);
            self.changed.notify_all();
            let waker = state.waker.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    fn wait(&self) -> End {
        let mut state = self.lock();
        while state.over.is_none() {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let end = state.over.unwrap_or(End::Open);
        drop(state);
        self.finish(end);
        end
    }
}

impl Finisher {
    pub(super) fn deadline(&self) -> Instant {
        self.shared.deadline
    }

    pub(super) fn finish(self) {
        self.shared.finish(End::Done);
    }
}

impl Drop for Finisher {
    fn drop(&mut self) {
        self.shared.finish(End::Open);
    }
}
