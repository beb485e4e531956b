//! A bounded queue with a worker thread.

use std::process;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::background::{Backlog, Drain, deadline};
use crate::handler_error::HandlerError;
use crate::lock::lock;
use crate::reentrancy::ReentrancyGuard;

/// A bounded queue with a worker thread. The thread starts with the first item, and ends when the queue is dropped and
/// empty.
///
/// A child that a process forks, as `daemonize` does, has no threads of its parent: a queue whose thread the parent has
/// started gets a successor in the child. Items that waited at the fork are handled by the parent.
pub(crate) struct Queue<T> {
    items: SyncSender<Work<T>>,
    state: Arc<QueueState>,
    // Until the thread starts.
    start: Mutex<Option<Start<T>>>,
    is_started: AtomicBool,
    name: String,
    capacity: usize,
    backlog: Arc<Backlog>,
    callbacks: Arc<WorkerCallbacks<T>>,
    // In a child of the process that started the thread.
    successor: OnceLock<Box<Queue<T>>>,
    // Items that this process queued for the thread of its parent before it noticed that it is a child, at most.
    lost_at_fork: u64,
}

enum Work<T> {
    Item(T),
    /// Wakes the thread, which then checks the state of the queue.
    Wake,
}

/// Callbacks of the worker thread.
pub(crate) struct WorkerCallbacks<T> {
    /// For each item.
    pub(crate) on_item: Box<dyn Fn(&T) + Send + Sync>,
    /// Flushes when the queue is empty, or a thread waits for a flush. `false`: the deadline passed before.
    pub(crate) on_idle: Box<dyn Fn(Instant) -> bool + Send + Sync>,
    /// Once the queue is closed and empty.
    pub(crate) on_close: Box<dyn Fn() + Send + Sync>,
}

impl<T> WorkerCallbacks<T> {
    /// Callbacks that handle items and do nothing else.
    pub(crate) fn new(on_item: impl Fn(&T) + Send + Sync + 'static) -> Self {
        Self { on_item: Box::new(on_item), on_idle: Box::new(|_| true), on_close: Box::new(|| ()) }
    }
}

struct Start<T> {
    inbox: Receiver<Work<T>>,
}

/// The worker thread's progress.
struct QueueState {
    accepted: AtomicU64,
    // `accepted` at the last check of the process.
    accepted_here: AtomicU64,
    progress: Mutex<Progress>,
    changed: Condvar,
    closed: AtomicBool,
    // Whether the thread waits for items: waking it costs more than asking for the process.
    is_idle: AtomicBool,
    // The process that started the thread. 0: none yet.
    process: AtomicU32,
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

/// The most items of a queue, whose memory is allocated at its start.
const MAX_CAPACITY: usize = 1 << 20;

impl<T: Send + 'static> Queue<T> {
    pub(crate) fn new(capacity: usize, name: String, backlog: &Arc<Backlog>, callbacks: WorkerCallbacks<T>) -> Self {
        Self::with_callbacks(capacity, name, Arc::clone(backlog), Arc::new(callbacks))
    }

    fn with_callbacks(
        capacity: usize,
        name: String,
        backlog: Arc<Backlog>,
        callbacks: Arc<WorkerCallbacks<T>>,
    ) -> Self {
        let (items, inbox) = sync_channel(capacity.clamp(1, MAX_CAPACITY));
        let state = Arc::new(QueueState {
            accepted: AtomicU64::new(0),
            accepted_here: AtomicU64::new(0),
            progress: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
            is_idle: AtomicBool::new(false),
            process: AtomicU32::new(0),
        });
        let drain: Arc<dyn Drain> = Arc::clone(&state) as _;
        backlog.add(&drain);
        let (start, is_started) = (Mutex::new(Some(Start { inbox })), AtomicBool::new(false));
        let successor = OnceLock::new();
        Self { items, state, start, is_started, name, capacity, backlog, callbacks, successor, lost_at_fork: 0 }
    }

    /// This queue, or in a child process its successor.
    fn current(&self) -> &Self {
        self.successor.get().map_or(self, |successor| successor.current())
    }

    /// The queue that takes an item of this process.
    fn accepting(&self) -> &Self {
        let current = self.current();
        if current.state.may_be_of_parent() && current.state.is_of_parent() {
            return current.succeed();
        }
        current
    }

    #[cold]
    fn succeed(&self) -> &Self {
        self.successor.get_or_init(|| {
            let (name, backlog) = (self.name.clone(), Arc::clone(&self.backlog));
            let lost_at_fork = self.lost_at_fork + self.state.accepted_unchecked();
            let successor = Self::with_callbacks(self.capacity, name, backlog, Arc::clone(&self.callbacks));
            Box::new(Self { lost_at_fork, ..successor })
        })
    }

    /// Queues an item. Never waits.
    pub(crate) fn push(&self, item: T) -> Result<(), HandlerError> {
        self.accepting().push_here(item)
    }

    fn push_here(&self, item: T) -> Result<(), HandlerError> {
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
        if let Some(Start { inbox }) = start.take() {
            let (state, callbacks) = (Arc::clone(&self.state), Arc::clone(&self.callbacks));
            state.process.store(process::id(), Ordering::Relaxed);
            let spawned = thread::Builder::new()
                .name(format!("log-{}", self.name))
                .spawn(move || work(&inbox, &state, &callbacks))
                .map_err(HandlerError::Io);
            self.is_started.store(true, Ordering::Release);
            spawned?;
        }
        Ok(())
    }

    /// Waits until all items so far are handled and flushed. `false`: the deadline passed before.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let current = self.current();
        // The thread must see the deadline when it wakes. A full queue wakes it anyway.
        let wake = || drop(current.items.try_send(Work::Wake));
        current.state.wait_flushed(deadline, wake)
    }

    /// Items of this process that are not handled yet.
    pub(crate) fn waiting(&self) -> u64 {
        self.current().state.waiting()
    }

    /// Items that found no thread in a child of a fork, at most: those of its parent that were queued at the same time
    /// are among them. Each is fewer than [`CHECKED`].
    pub(crate) fn lost_at_fork(&self) -> u64 {
        self.current().lost_at_fork
    }

    /// Accepts nothing more; the thread handles what is queued, and then closes.
    pub(crate) fn close(&self) {
        self.current().close_here();
    }

    fn close_here(&self) {
        self.state.closed.store(true, Ordering::SeqCst);
        let _ = self.items.try_send(Work::Wake);
        let unstarted = lock(&self.start).take();
        if unstarted.is_some() {
            (self.callbacks.on_close)();
            lock(&self.state.progress).closed = true;
        }
    }

    /// Waits until the thread has closed. `false`: the deadline passed before.
    pub(crate) fn wait_closed(&self, deadline: Instant) -> bool {
        self.current().state.wait_until(deadline, || (), |progress| progress.closed)
    }
}

impl Drain for QueueState {
    fn wait_drained(&self, deadline: Instant) -> bool {
        self.wait_flushed(deadline, || ())
    }
}

/// A busy thread wakes without a call of the system: then the process is checked with each so many items.
const CHECKED: u64 = 16;

impl QueueState {
    /// Whether it is worth asking whether the thread belongs to a parent process.
    fn may_be_of_parent(&self) -> bool {
        self.is_idle.load(Ordering::Relaxed) || self.accepted.load(Ordering::Relaxed).is_multiple_of(CHECKED)
    }

    /// Whether the thread is one of a process that this one was forked from.
    fn is_of_parent(&self) -> bool {
        let process = self.process.load(Ordering::Relaxed);
        let is_of_parent = process != 0 && process != process::id();
        if !is_of_parent {
            self.accepted_here.store(self.accepted.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        is_of_parent
    }

    /// Items since the last check of the process that found it to be the thread's.
    fn accepted_unchecked(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed).saturating_sub(self.accepted_here.load(Ordering::Relaxed))
    }

    fn waiting(&self) -> u64 {
        if self.is_of_parent() {
            return 0;
        }
        let handled = lock(&self.progress).handled;
        self.accepted.load(Ordering::SeqCst).saturating_sub(handled)
    }

    fn wait_flushed(&self, deadline: Instant, wake: impl FnOnce()) -> bool {
        let accepted = self.accepted.load(Ordering::SeqCst);
        // Items that found no room after all are not waited for.
        let still_accepted = || accepted.min(self.accepted.load(Ordering::SeqCst));
        self.wait_until(deadline, wake, |progress| progress.flushed >= still_accepted())
    }

    /// Calls `wake` once the deadline is set, and waits. `false`: the deadline passed before.
    fn wait_until(&self, deadline: Instant, wake: impl FnOnce(), is_reached: impl Fn(&Progress) -> bool) -> bool {
        if self.is_of_parent() {
            // Nothing of this process waits.
            return true;
        }
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
                state.is_idle.store(true, Ordering::Relaxed);
                // Fails when the queue is dropped and its items are handled.
                let next = inbox.recv().ok();
                state.is_idle.store(false, Ordering::Relaxed);
                next
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn items_that_wait_are_counted_and_those_of_a_child_before_it_is_noticed() {
        let ((entered, has_entered), (release, released)) = (channel(), channel::<()>());
        let (entered, released) = (Mutex::new(entered), Mutex::new(released));
        let on_item = move |_: &u32| {
            let _ = lock(&entered).send(());
            let _ = lock(&released).recv();
        };
        let queue = Queue::new(100, "x".to_owned(), &Arc::default(), WorkerCallbacks::new(on_item));
        queue.push(0).unwrap();
        has_entered.recv().unwrap();
        (1..20).for_each(|n| queue.push(n).unwrap());
        assert_eq!((queue.waiting(), queue.lost_at_fork()), (20, 0));
        // As after a fork: the thread belongs to another process, and is busy.
        queue.state.process.store(process::id() + 1, Ordering::Relaxed);
        (20..40).for_each(|n| queue.push(n).unwrap());
        let lost = queue.lost_at_fork();
        assert!(lost > 0 && lost <= CHECKED, "{lost}");
        assert_eq!(queue.waiting() + lost, 20, "each item of the child waits or is lost");
        drop(release);
    }
}
