//! Mails on their way: one after the other on a thread of their own, and again while the server is away.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::handlers::HandlerError;
use crate::lock::lock;
use crate::logger::Handling;
use crate::mail::spool::{Spool, Stored};
use crate::mail::{Mail, MailError, SharedBackend};
use crate::shared::{Awaited, Shared};

/// Mails on their way. The thread begins with the first one, and ends when this is dropped or closed.
pub(crate) struct Outbox {
    inner: Arc<Inner>,
}

/// How mails go out.
pub(super) struct Route {
    pub(super) backend: SharedBackend,
    /// How long the server is left alone after a failure.
    pub(super) retry: Duration,
    /// Mails that wait at most.
    pub(super) capacity: usize,
    /// Where they outlive the process.
    pub(super) spool: Option<Spool>,
    pub(super) shared: Arc<Shared>,
}

struct Inner {
    route: Route,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    mails: VecDeque<Waiting>,
    // Not before: the server has just failed. `None`: it is well, as far as one knows.
    next_try: Option<Instant>,
    is_sending: bool,
    is_started: bool,
    is_closed: bool,
    // Mails that nobody will get.
    lost: u64,
}

struct Waiting {
    mail: Mail,
    // Where it outlives the process.
    stored: Option<Stored>,
}

impl Outbox {
    pub(super) fn new(route: Route) -> Self {
        let inner = Arc::new(Inner { route, state: Mutex::default(), changed: Condvar::new() });
        let awaited: Arc<dyn Awaited> = Arc::clone(&inner) as _;
        inner.route.shared.watch(&awaited);
        Self { inner }
    }

    /// Takes what an earlier process left behind.
    pub(super) fn begin(&self) -> Result<(), HandlerError> {
        let Some(spool) = &self.inner.route.spool else { return Ok(()) };
        let left = spool.left_behind()?;
        if left.is_empty() {
            return Ok(());
        }
        let mut state = lock(&self.inner.state);
        let waiting = left.into_iter().map(|(mail, stored)| Waiting { mail, stored: Some(stored) });
        state.mails.extend(waiting);
        self.inner.start(&mut state)
    }

    /// Takes a mail. Waits for nothing but its own disk.
    pub(super) fn push(&self, mail: Mail) -> Result<(), HandlerError> {
        let mut state = lock(&self.inner.state);
        if state.is_closed {
            return Err(HandlerError::Closed);
        }
        if state.mails.len() >= self.inner.route.capacity {
            return Err(HandlerError::Full);
        }
        let stored = self.inner.store(&mail);
        state.mails.push_back(Waiting { mail, stored });
        self.inner.start(&mut state)?;
        self.inner.changed.notify_all();
        Ok(())
    }

    /// Mails that wait, and mails that are lost.
    pub(super) fn counts(&self) -> (u64, u64) {
        let state = lock(&self.inner.state);
        (state.mails.len() as u64, state.lost)
    }

    /// Tries a last time what waits, and waits for that. What still cannot be sent is left to the next process, or lost
    /// if it is nowhere but in memory.
    pub(super) fn close(&self) {
        let mut state = lock(&self.inner.state);
        state.is_closed = true;
        self.inner.changed.notify_all();
        while state.is_started {
            state = self.inner.wait(state, None);
        }
    }
}

/// Who is dropped without being closed waits for nobody: the thread goes on to the end by itself.
impl Drop for Outbox {
    fn drop(&mut self) {
        lock(&self.inner.state).is_closed = true;
        self.inner.changed.notify_all();
    }
}

impl Inner {
    fn store(&self, mail: &Mail) -> Option<Stored> {
        let stored = self.route.spool.as_ref()?.store(mail);
        stored.inspect_err(|error| self.say(&format!("a mail waits in memory alone: {error}"))).ok()
    }

    fn say(&self, text: &str) {
        self.route.shared.say(text);
    }

    fn start(self: &Arc<Self>, state: &mut State) -> Result<(), HandlerError> {
        if state.is_started {
            return Ok(());
        }
        let inner = Arc::clone(self);
        let work = move || {
            // What handlers say here would come back to them.
            let _handling = Handling::begin();
            inner.work();
        };
        thread::Builder::new().name("log-mail".to_owned()).spawn(work)?;
        state.is_started = true;
        Ok(())
    }

    fn work(&self) {
        let mut state = lock(&self.state);
        loop {
            let pause = state.next_try.map(|at| at.saturating_duration_since(Instant::now()));
            let is_due = pause.is_none_or(|pause| pause.is_zero());
            state = match state.mails.is_empty() {
                false if is_due || state.is_closed => self.send_first(state),
                _ if state.is_closed => break,
                true => self.wait(state, None),
                false => self.wait(state, pause),
            };
        }
        state.is_started = false;
        self.changed.notify_all();
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, within: Option<Duration>) -> MutexGuard<'a, State> {
        match within {
            Some(within) => self.changed.wait_timeout(state, within).unwrap_or_else(PoisonError::into_inner).0,
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Tries the first mail. The lock is not held meanwhile.
    fn send_first<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let Some(first) = state.mails.front().map(|first| first.mail.clone()) else { return state };
        state.is_sending = true;
        drop(state);
        let sent = self.route.backend.send(&first);
        let mut state = lock(&self.state);
        state.is_sending = false;
        match sent {
            Ok(()) => self.done(&mut state),
            Err(error) if error.is_permanent() => {
                self.say(&format!("a mail is lost: {error}"));
                state.lost += 1;
                self.done(&mut state);
            }
            Err(error) => self.put_off(&mut state, &error),
        }
        self.changed.notify_all();
        state
    }

    fn done(&self, state: &mut State) {
        state.next_try = None;
        if let Some(stored) = state.mails.pop_front().and_then(|first| first.stored) {
            stored.remove();
        }
    }

    fn put_off(&self, state: &mut State, error: &MailError) {
        if state.is_closed {
            let left = std::mem::take(&mut state.mails);
            let lost = left.iter().filter(|waiting| waiting.stored.is_none()).count();
            state.lost += lost as u64;
            let kept = left.len() - lost;
            self.say(&format!("{lost} mails are lost, {kept} are left to the next process: {error}"));
            return;
        }
        if state.next_try.is_none() {
            let retry = self.route.retry;
            self.say(&format!("mails wait, and are tried again every {retry:?}: {error}"));
        }
        state.next_try = Some(Instant::now() + self.route.retry);
    }
}

impl Awaited for Inner {
    /// Whether every mail was tried: what waits for its server is not waited for.
    fn wait(&self, deadline: Instant) -> bool {
        let mut state = lock(&self.state);
        loop {
            let is_at_rest = state.mails.is_empty() || state.next_try.is_some();
            let left = deadline.saturating_duration_since(Instant::now());
            if is_at_rest && !state.is_sending {
                return true;
            }
            if left.is_zero() {
                return false;
            }
            state = Inner::wait(self, state, Some(left));
        }
    }
}
