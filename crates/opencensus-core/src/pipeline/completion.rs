//! Waits for a flush or a shutdown, with and without a runtime.

use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::pipeline::queue::Queue;
use crate::pipeline::report::Report;
use crate::pipeline::stats::Stats;

/// A flush or a shutdown in progress: `.await` it on any executor, or block with [`wait`](Self::wait).
///
/// The work continues if this is dropped.
///
/// # Examples
///
/// ```
/// use opencensus_core::Pipeline;
/// use std::time::Duration;
///
/// async fn flush(pipeline: &Pipeline) {
///     let report = pipeline.flush(Duration::from_secs(5)).await;
///     println!("{report}");
/// }
/// ```
#[derive(Debug)]
#[must_use = "`.await` it or call `wait`, which returns the report"]
pub struct Completion {
    shared: Option<Arc<Shared>>,
    queue: Option<Arc<Queue>>,
    has_timer: bool,
}

/// The worker's side. Its drop ends the wait, too.
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
    end: Option<End>,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Done,
    // The deadline passed, or the worker has ended.
    Incomplete,
}

pub(super) fn pair(deadline: Instant, queue: Arc<Queue>) -> (Completion, Finisher) {
    let shared = Arc::new(Shared { deadline, state: Mutex::default(), changed: Condvar::new() });
    let finisher = Finisher { shared: Arc::clone(&shared) };
    (Completion { shared: Some(shared), queue: Some(queue), has_timer: false }, finisher)
}

impl Completion {
    /// Creates a completion that is complete at once, for a pipeline that is not running. Its counters are 0.
    pub fn nothing_to_do() -> Self {
        Self { shared: None, queue: None, has_timer: false }
    }

    /// Blocks this thread until the work is done or the deadline passes. Do not call it from async code.
    pub fn wait(self) -> Report {
        let end = self.shared.as_ref().map_or(End::Done, |shared| shared.wait());
        self.report(end)
    }

    fn report(&self, end: End) -> Report {
        let Some(queue) = &self.queue else { return Report { complete: true, stats: Stats::default() } };
        // With every item settled the result is complete, even if the worker has ended.
        Report { complete: end == End::Done || queue.is_settled(), stats: queue.stats() }
    }
}

impl Future for Completion {
    type Output = Report;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Report> {
        let Some(shared) = self.shared.clone() else { return Poll::Ready(self.report(End::Done)) };
        {
            let mut state = shared.lock();
            if let Some(end) = state.end {
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

/// Starts a thread that keeps the deadline without a runtime, even if the worker is blocked. If no thread can be
/// started, this thread waits.
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
        if state.end.is_none() {
            state.end = Some(end);
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
        while state.end.is_none() {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let end = state.end.unwrap_or(End::Incomplete);
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
        self.shared.finish(End::Incomplete);
    }
}
