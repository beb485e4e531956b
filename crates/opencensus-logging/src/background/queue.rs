//! Handlers on a thread of their own.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::handlers::{Emitter, Handler, HandlerError, InstalledHandler};
use crate::lock::lock;
use crate::logger::Handling;
use crate::record::Record;
use crate::shared::{Awaited, Shared};

/// A bounded queue, and a thread that works it off. The thread begins with the first item, and ends when the
/// queue is dropped and empty.
pub(crate) struct Queue<T> {
    items: SyncSender<Work<T>>,
    state: Arc<QueueState>,
    // Until the thread begins.
    start: Mutex<Option<Start<T>>>,
    is_started: AtomicBool,
}

enum Work<T> {
    Item(T),
    /// Look up.
    Wake,
}

type Sink<T> = Box<dyn Fn(&T) + Send>;

/// What the thread does.
pub(crate) struct Duties<T> {
    /// With each item.
    pub(crate) sink: Sink<T>,
    /// When there is none, or somebody waits.
    pub(crate) rest: Box<dyn Fn() + Send>,
    /// Once nothing comes any more.
    pub(crate) close: Box<dyn Fn() + Send>,
}

struct Start<T> {
    inbox: Receiver<Work<T>>,
    duties: Duties<T>,
    name: String,
}

/// How far the thread is.
pub(crate) struct QueueState {
    accepted: AtomicU64,
    done: Mutex<Done>,
    changed: Condvar,
    closed: AtomicBool,
}

#[derive(Default)]
struct Done {
    items: u64,
    flushed: u64,
    // Somebody waits.
    waiting: usize,
    closed: bool,
}

impl Queue<Arc<Record>> {
    /// In front of one handler.
    pub(crate) fn of_emitter(emitter: &Arc<Emitter>, capacity: usize, shared: &Shared) -> Self {
        let [sink, rest, close] = std::array::from_fn(|_| Arc::clone(emitter));
        let duties = Duties {
            sink: Box::new(move |record| sink.emit(record)),
            rest: Box::new(move || rest.rest()),
            close: Box::new(move || close.close()),
        };
        Self::new(capacity, emitter.name().to_string(), shared, duties)
    }
}

impl<T: Send + 'static> Queue<T> {
    pub(crate) fn new(capacity: usize, name: String, shared: &Shared, duties: Duties<T>) -> Self {
        let (items, inbox) = sync_channel(capacity.max(1));
        let state = Arc::new(QueueState {
            accepted: AtomicU64::new(0),
            done: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
        });
        let awaited: Arc<dyn Awaited> = Arc::clone(&state) as _;
        shared.watch(&awaited);
        let start = Mutex::new(Some(Start { inbox, duties, name }));
        Self { items, state, start, is_started: AtomicBool::new(false) }
    }

    /// Takes an item. Never waits.
    pub(crate) fn push(&self, item: T) -> Result<(), HandlerError> {
        if self.state.closed.load(Ordering::SeqCst) {
            return Err(HandlerError::Closed);
        }
        // Before it is sent: nobody who flushes then may be told that it is written.
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

    /// Begins the thread, once.
    fn start(&self) -> Result<(), HandlerError> {
        if self.is_started.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut start = lock(&self.start);
        if let Some(Start { inbox, duties, name }) = start.take() {
            let state = Arc::clone(&self.state);
            let spawned = thread::Builder::new()
                .name(format!("log-{name}"))
                .spawn(move || work(&inbox, &state, &duties))
                .map_err(HandlerError::Io);
            self.is_started.store(true, Ordering::Release);
            spawned?;
        }
        Ok(())
    }

    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let _ = self.items.try_send(Work::Wake);
        self.state.wait(deadline)
    }

    /// Takes nothing more; what is queued is still worked off, and then the thread closes.
    pub(crate) fn close(&self) {
        self.state.closed.store(true, Ordering::SeqCst);
        let _ = self.items.try_send(Work::Wake);
        let unstarted = lock(&self.start).take();
        if let Some(start) = unstarted {
            (start.duties.close)();
            lock(&self.state.done).closed = true;
        }
    }

    /// Whether the thread has closed by then.
    pub(crate) fn wait_closed(&self, deadline: Instant) -> bool {
        self.state.wait_until(deadline, |done| done.closed)
    }
}

/// Whether everything that was taken so far is written by then.
impl Awaited for QueueState {
    fn wait(&self, deadline: Instant) -> bool {
        let taken = self.accepted.load(Ordering::SeqCst);
        // What found no room after all is not waited for.
        self.wait_until(deadline, |done| done.flushed >= taken.min(self.accepted.load(Ordering::SeqCst)))
    }
}

impl QueueState {
    fn wait_until(&self, deadline: Instant, is_so: impl Fn(&Done) -> bool) -> bool {
        let mut done = lock(&self.done);
        done.waiting += 1;
        while !is_so(&done) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            done = self.changed.wait_timeout(done, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        done.waiting -= 1;
        is_so(&done)
    }
}

/// The thread: handles items as they come, flushes when there is none or somebody waits.
fn work<T>(inbox: &Receiver<Work<T>>, state: &QueueState, duties: &Duties<T>) {
    // What handlers say here would come back to them.
    let _handling = Handling::begin();
    let mut unflushed = false;
    loop {
        let next = match inbox.try_recv() {
            Ok(work) => Some(work),
            Err(_) => {
                if std::mem::take(&mut unflushed) {
                    (duties.rest)();
                    settle(state, 0, true);
                }
                if state.closed.load(Ordering::SeqCst) && !lock(&state.done).closed {
                    (duties.close)();
                    lock(&state.done).closed = true;
                    state.changed.notify_all();
                }
                // The queue is dropped once everything in it has come.
                inbox.recv().ok()
            }
        };
        match next {
            Some(Work::Item(item)) => {
                (duties.sink)(&item);
                unflushed = true;
                // Who waits does not wait for those that come after him.
                if settle(state, 1, false) {
                    (duties.rest)();
                    settle(state, 0, true);
                }
            }
            Some(Work::Wake) => {}
            None => return,
        }
    }
}

/// Whether somebody waits.
fn settle(state: &QueueState, items: u64, flushed: bool) -> bool {
    let mut done = lock(&state.done);
    done.items += items;
    if flushed {
        done.flushed = done.items;
    }
    let is_waited_for = done.waiting > 0;
    if is_waited_for && flushed {
        state.changed.notify_all();
    }
    is_waited_for
}

/// Hands records to other handlers on a thread of its own, as Python's `QueueHandler` and `QueueListener`: bounded,
/// and never waiting.
pub struct QueueHandler {
    queue: Mutex<Option<Arc<Queue<Arc<Record>>>>>,
    handlers: Vec<Arc<InstalledHandler>>,
    respects_levels: bool,
    capacity: usize,
    shared: Arc<Shared>,
}

/// How long a flush of unknown patience waits.
const PATIENCE: Duration = Duration::from_secs(1);

impl QueueHandler {
    pub(crate) fn new(
        handlers: Vec<Arc<InstalledHandler>>,
        respects_levels: bool,
        capacity: usize,
        shared: Arc<Shared>,
    ) -> Self {
        Self { queue: Mutex::new(None), handlers, respects_levels, capacity, shared }
    }

    /// Lets the thread begin. Until then records find no room.
    pub fn start_listener(&self) {
        let (handlers, respects_levels) = (self.handlers.clone(), self.respects_levels);
        let sink = move |record: &Arc<Record>| {
            let mut record = Arc::clone(record);
            for handler in &handlers {
                if !respects_levels || record.level >= handler.level() {
                    handler.handle(&mut record);
                }
            }
        };
        // The handlers behind it have their own time; who flushes asks them himself.
        let nothing = || Box::new(|| ());
        let duties = Duties { sink: Box::new(sink), rest: nothing(), close: nothing() };
        let name = self.handlers.first().map_or("queue", |handler| handler.name()).to_owned();
        *lock(&self.queue) = Some(Arc::new(Queue::new(self.capacity, name, &self.shared, duties)));
    }

    /// Lets the thread end once it is through with what is queued, and waits for that.
    ///
    /// # Errors
    ///
    /// It takes longer.
    pub fn stop_listener(&self, within: Duration) -> Result<(), HandlerError> {
        let queue = lock(&self.queue).take();
        let deadline = deadline(within);
        if queue.is_none_or(|queue| queue.flush(deadline)) { Ok(()) } else { Err(busy()) }
    }

    /// Whether everything is through to the handlers behind it, and written by them, by then.
    pub(crate) fn flush_until(&self, deadline: Instant) -> bool {
        // Nobody who logs waits for this: the lock is not held.
        let queue = lock(&self.queue).clone();
        let is_through = queue.is_none_or(|queue| queue.flush(deadline));
        // What is kept behind it stays there, unless it is asked itself.
        let writing = self.handlers.iter().filter(|handler| !handler.keeps_at_rest());
        // Not `all`: each gets its chance.
        let unwritten = writing.filter(|handler| !handler.flush_until(deadline)).count();
        is_through && unwritten == 0
    }
}

impl Handler for QueueHandler {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        let queue = lock(&self.queue).clone();
        queue.ok_or(HandlerError::Closed)?.push(Arc::clone(record))
    }

    fn flush(&self) -> Result<(), HandlerError> {
        if self.flush_until(deadline(PATIENCE)) { Ok(()) } else { Err(busy()) }
    }

    fn close(&self) {
        *lock(&self.queue) = None;
    }

    fn listener(&self) -> Option<&QueueHandler> {
        Some(self)
    }
}

fn busy() -> HandlerError {
    HandlerError::Other("the listener is still busy".into())
}

/// Who waits for ever waits for a day.
pub(crate) fn deadline(within: Duration) -> Instant {
    Instant::now() + within.min(Duration::from_secs(24 * 60 * 60))
}
