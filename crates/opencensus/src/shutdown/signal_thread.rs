//! Runs the thread that listens for signals and ends the process.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::shutdown::drain::{DRAIN_DEADLINE, Drain, latest};
use crate::shutdown::live_telemetry::live;
use crate::shutdown::signals::{Signal, Signals};

/// The state that the thread and the waiting futures share.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    has_arrived: bool,
    next_id: u64,
    waiting: BTreeMap<u64, Waiting>,
}

/// A future that waits for a signal.
#[derive(Debug)]
struct Waiting {
    // `None`: it has not been polled yet.
    waker: Option<Waker>,
    drain_deadline: Option<Duration>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the futures that wait for a signal, and returns their drain deadline. `None`: no future waits.
    fn arrive(&self) -> Option<Option<Duration>> {
        let waiting = {
            let mut state = self.state();
            state.has_arrived = true;
            std::mem::take(&mut state.waiting)
        };
        let deadlines: Vec<_> = waiting.values().map(|waiting| waiting.drain_deadline).collect();
        waiting.into_values().filter_map(|waiting| waiting.waker).for_each(Waker::wake);
        (!deadlines.is_empty()).then(|| latest(deadlines))
    }
}

/// The entry of a future among those that wait.
#[derive(Debug)]
pub(super) struct Waiter {
    shared: Arc<Shared>,
    id: u64,
}

impl Waiter {
    /// Adds an entry. The first call starts the thread. `None`: the thread cannot listen.
    pub(super) fn new(drain_deadline: Option<Duration>) -> Option<Self> {
        let shared = shared()?;
        let id = {
            let mut state = shared.state();
            state.next_id += 1;
            let id = state.next_id;
            if !state.has_arrived {
                state.waiting.insert(id, Waiting { waker: None, drain_deadline });
            }
            id
        };
        Some(Self { shared, id })
    }

    pub(super) fn set_drain_deadline(&self, drain_deadline: Option<Duration>) {
        if let Some(waiting) = self.shared.state().waiting.get_mut(&self.id) {
            waiting.drain_deadline = drain_deadline;
        }
    }

    /// Ready once a signal has arrived.
    pub(super) fn poll(&self, waker: &Waker) -> Poll<()> {
        match self.shared.state().waiting.get_mut(&self.id) {
            Some(waiting) => {
                waiting.waker = Some(waker.clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.shared.state().waiting.remove(&self.id);
    }
}

fn shared() -> Option<Arc<Shared>> {
    static SHARED: OnceLock<Option<Arc<Shared>>> = OnceLock::new();
    let start =
        || start().inspect_err(|error| tracing::error!(target: "opencensus", %error, "cannot listen for signals")).ok();
    SHARED.get_or_init(start).clone()
}

fn start() -> io::Result<Arc<Shared>> {
    let shared = Arc::<Shared>::default();
    let (started, listening) = sync_channel(1);
    let thread_state = Arc::clone(&shared);
    std::thread::Builder::new().name("opencensus-signals".to_owned()).spawn(move || run(&thread_state, &started))?;
    listening.recv().unwrap_or_else(|_| Err(io::Error::other("the thread that listens has ended")))?;
    Ok(shared)
}

fn run(shared: &Shared, started: &SyncSender<io::Result<()>>) {
    match listen() {
        Ok((runtime, signals)) => {
            let _ = started.send(Ok(()));
            std::process::exit(runtime.block_on(exit_code(shared, signals)))
        }
        Err(error) => drop(started.send(Err(error))),
    }
}

fn listen() -> io::Result<(Runtime, Signals)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = {
        let _entered = runtime.enter();
        Signals::listen()?
    };
    Ok((runtime, signals))
}

/// Waits until the process is to end, and returns its exit code.
async fn exit_code(shared: &Shared, mut signals: Signals) -> i32 {
    let first = signals.next().await;
    let Some(deadline) = shared.arrive() else { return first.exit_code };
    // In case the platform kills the process before the deadline. A flush continues without its future.
    live().iter().for_each(|telemetry| drop(telemetry.flush(DRAIN_DEADLINE)));
    let Some(drain) = deadline.map(Drain::of) else { return signals.next().await.exit_code };
    match tokio::time::timeout(drain.serving, signals.next()).await {
        Ok(second) => second.exit_code,
        Err(_) => either(signals.next(), end(drain)).await,
    }
}

/// The exit code of whichever comes first: a signal, or the end of the drain.
async fn either(signal: impl Future<Output = Signal>, end: impl Future<Output = i32>) -> i32 {
    let (mut signal, mut end) = (pin!(signal), pin!(end));
    poll_fn(|cx| match signal.as_mut().poll(cx) {
        Poll::Ready(signal) => Poll::Ready(signal.exit_code),
        Poll::Pending => end.as_mut().poll(cx),
    })
    .await
}

/// Sends the telemetry that is left, writes the log records, and reports.
async fn end(drain: Drain) -> i32 {
    let live = live();
    let open: u64 = live.iter().map(|telemetry| telemetry.stats().requests.in_flight()).sum();
    log(&format!("the drain deadline has passed with {open} requests open: the process ends"));
    // All at once: they share the deadline.
    let ends: Vec<_> = live.iter().map(|telemetry| telemetry.shutdown(drain.sending)).collect();
    let flush_logs = move || live.iter().for_each(|telemetry| telemetry.flush_logs(drain.sending));
    let logs = std::thread::Builder::new().name("opencensus-drain".to_owned()).spawn(flush_logs);
    for end in ends {
        log(&end.await.to_string());
    }
    if let Ok(logs) = logs {
        let _ = logs.join();
    }
    0
}

/// Logs to `tracing`, or to standard error if nothing listens there.
fn log(message: &str) {
    if tracing::enabled!(target: "opencensus", tracing::Level::WARN) {
        tracing::warn!(target: "opencensus", "{message}");
    } else {
        eprintln!("opencensus: {message}");
    }
}
