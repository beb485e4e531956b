//! A bounded queue with a worker thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::background::{Backlog, Drain, deadline};
use crate::handler_error::HandlerError;
use crate::lock::lock;
use crate::reentrancy::ReentrancyGuard;

/// A bounded queue with a worker thread. The thread starts with the first item, and ends when the queue is dropped and
/// empty.
pub(crate) struct Queue<T> {
    items: SyncSender<Work<T>>,
    state: Arc<QueueState>,
    // Until the thread starts.
    start: Mutex<Option<Start<T>>>,
    is_started: AtomicBool,
}

enum Work<T> {
    Item(T),
    /// Wakes the thread, which then checks the state of the queue.
    Wake,
}

/// Callbacks of the worker thread.
pub(crate) struct WorkerCallbacks<T> {
    /// For each item.
    pub(crate) on_item: Box<dyn Fn(&T) + Send>,
    /// Flushes when the queue is empty, or a thread waits for a flush. `false`: the deadline passed before.
    pub(crate) on_idle: Box<dyn Fn(Instant) -> bool + Send>,
    /// Once the queue is closed and empty.
    pub(crate) on_close: Box<dyn Fn() + Send>,
}

impl<T> WorkerCallbacks<T> {
    /// Callbacks that handle items and do nothing else.
    pub(crate) fn new(on_item: impl Fn(&T) + Send + 'static) -> Self {
        Self { on_item: Box::new(on_item), on_idle: Box::new(|_| true), on_close: Box::new(|| ()) }
    }
}

struct Start<T> {
    inbox: Receiver<Work<T>>,
    callbacks: WorkerCallbacks<T>,
    name: String,
}

/// The worker thread's progress.
struct QueueState {
    accepted: AtomicU64,
    progress: Mutex<Progress>,
    changed: Condvar,
    closed: AtomicBool,
}

#[derive(Default)]
struct Progress {
    handled: u64,
    flushed: u64,
    // Threads that wait, and the latest of their deadlines.
    waiting: usize,
    deadline: Option<Instant>,
    closed: bool,
}

/// How long a flush may take when no thread waits for it.
const IDLE_FLUSH: Duration = Duration::from_secs(1);

impl<T: Send + 'static> Queue<T> {
    pub(crate) fn new(capacity: usize, name: String, backlog: &Backlog, callbacks: WorkerCallbacks<T>) -> Self {
        let (items, inbox) = sync_channel(capacity.max(1));
        let state = Arc::new(QueueState {
            accepted: AtomicU64::new(0),
            progress: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
        });
        let drain: Arc<dyn Drain> = Arc::clone(&state) as _;
        backlog.add(&drain);
        let start = Mutex::new(Some(Start { inbox, callbacks, name }));
        Self { items, state, start, is_started: AtomicBool::new(false) }
    }

    /// Queues an item. Never waits.
    pub(crate) fn push(&self, item: T) -> Result<(), HandlerError> {
        if self.state.closed.load(Ordering::SeqCst) {
            return Err(HandlerError::Closed);
        }
        // Counted before it is sent: a flush that begins now waits for it.
        self.state.accepted.fetch_add(1, Ordering::SeqCst);
        let pushed = match self.items.try_send(Work::Item(item)) {
            Ok(()) => self.start(),
            Err(TrySendError::Full(_)) => Err(HandlerError::Full),
            Err(TrySendError::Disconnected(_)) => Err(HandlerError::Closed),
        };
        if pushed.is_err() {
            self.state.accepted.fetch_sub(1, Ordering::SeqCst);
            self.state.changed.notify_all();
        }
        pushed
    }

    /// Starts the thread, once.
    fn start(&self) -> Result<(), HandlerError> {
        if self.is_started.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut start = lock(&self.start);
        if let Some(Start { inbox, callbacks, name }) = start.take() {
            let state = Arc::clone(&self.state);
            let spawned = thread::Builder::new()
                .name(format!("log-{name}"))
                .spawn(move || work(&inbox, &state, &callbacks))
                .map_err(HandlerError::Io);
            self.is_started.store(true, Ordering::Release);
            spawned?;
        }
        Ok(())
    }

    /// Waits until all items so far are handled and flushed. `false`: the deadline passed before.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        // The thread must see the deadline when it wakes. A full queue wakes it anyway.
        let wake = || drop(self.items.try_send(Work::Wake));
        self.state.wait_flushed(deadline, wake)
    }

    /// Accepts nothing more; the thread handles what is queued, and then closes.
    pub(crate) fn close(&self) {
        self.state.closed.store(true, Ordering::SeqCst);
        let _ = self.items.try_send(Work::Wake);
        let unstarted = lock(&self.start).take();
        if let Some(start) = unstarted {
            (start.callbacks.on_close)();
            lock(&self.state.progress).closed = true;
        }
    }

    /// Waits until the thread has closed. `false`: the deadline passed before.
    pub(crate) fn wait_closed(&self, deadline: Instant) -> bool {
        self.state.wait_until(deadline, || (), |progress| progress.closed)
    }
}

impl Drain for QueueState {
    fn wait_drained(&self, deadline: Instant) -> bool {
        self.wait_flushed(deadline, || ())
    }
}

impl QueueState {
    fn wait_flushed(&self, deadline: Instant, wake: impl FnOnce()) -> bool {
        let accepted = self.accepted.load(Ordering::SeqCst);
        // Items that found no room after all are not waited for.
        let still_accepted = || accepted.min(self.accepted.load(Ordering::SeqCst));
        self.wait_until(deadline, wake, |progress| progress.flushed >= still_accepted())
    }

    /// Calls `wake` once the deadline is set, and waits. `false`: the deadline passed before.
    fn wait_until(&self, deadline: Instant, wake: impl FnOnce(), is_reached: impl Fn(&Progress) -> bool) -> bool {
        let mut progress = lock(&self.progress);
        progress.waiting += 1;
        progress.deadline = progress.deadline.max(Some(deadline));
        wake();
        while !is_reached(&progress) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            progress = self.changed.wait_timeout(progress, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        progress.waiting -= 1;
        if progress.waiting == 0 {
            progress.deadline = None;
        }
        is_reached(&progress)
    }

    /// Counts an item. The deadline of the threads that wait for a flush, if there are any.
    fn item_handled(&self) -> Option<Instant> {
        let mut progress = lock(&self.progress);
        progress.handled += 1;
        progress.deadline
    }

    /// The deadline of a flush that is about to begin on an empty queue.
    fn flush_deadline(&self) -> Instant {
        lock(&self.progress).deadline.unwrap_or_else(|| deadline(IDLE_FLUSH))
    }

    fn flushed(&self) {
        let mut progress = lock(&self.progress);
        progress.flushed = progress.handled;
        if progress.waiting > 0 {
            self.changed.notify_all();
        }
    }

    fn closed(&self) {
        lock(&self.progress).closed = true;
        self.changed.notify_all();
    }
}

/// The worker thread: handles items as they come; flushes when there are none, or when a thread waits.
fn work<T>(inbox: &Receiver<Work<T>>, state: &QueueState, callbacks: &WorkerCallbacks<T>) {
    // Records that handlers log on this thread would come back to them.
    let _guard = ReentrancyGuard::enter();
    let mut is_flushed = true;
    loop {
        let next = match inbox.try_recv() {
            Ok(work) => Some(work),
            Err(_) => {
                if !is_flushed {
                    is_flushed = flush(state, callbacks, state.flush_deadline());
                }
                if state.closed.load(Ordering::SeqCst) && !lock(&state.progress).closed {
                    (callbacks.on_close)();
                    state.closed();
                }
                // Fails when the queue is dropped and its items are handled.
                inbox.recv().ok()
            }
        };
        match next {
            Some(Work::Item(item)) => {
                (callbacks.on_item)(&item);
                is_flushed = false;
                // A flush does not wait for items that were queued after it.
                if let Some(deadline) = state.item_handled() {
                    flush(state, callbacks, deadline);
                }
            }
            Some(Work::Wake) => {}
            None => return,
        }
    }
}

/// Flushes, and counts the items so far as flushed. `false`: the deadline passed before; the next flush tries again.
fn flush<T>(state: &QueueState, callbacks: &WorkerCallbacks<T>, deadline: Instant) -> bool {
    let is_in_time = (callbacks.on_idle)(deadline);
    if is_in_time {
        state.flushed();
    }
    is_in_time
}
