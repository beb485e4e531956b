//! Mails on their way: one after the other on a thread of their own, and again while the server is away.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::handlers::{HandlerError, MailStats};
use crate::lock::lock;
use crate::logger::Handling;
use crate::mail::spool::{Spool, Stored};
use crate::mail::{Mail, MailError, SharedBackend};
use crate::shared::{Awaited, Shared};

/// Mails on their way. The thread begins with the first one. What waits when the handler goes, because another
/// configuration holds, goes the way of the new handler of its name; if there is none, it is still delivered the old way.
/// The end of the program gives each mail a last chance.
pub(crate) struct Outbox {
    inner: Arc<Inner>,
}

/// How mails go out.
pub(super) struct Route {
    /// The handler's name.
    pub(super) handler: String,
    pub(super) backend: SharedBackend,
    /// How long the server is left alone after a failure.
    pub(super) retry: Duration,
    /// Mails that wait at most.
    pub(super) capacity: usize,
    /// Where they outlive the process.
    pub(super) spool: Option<Spool>,
    pub(super) shared: Arc<Shared>,
}

/// A mail that nobody has taken for so long is given up: RFC 5321, section 4.5.4.1.
const GIVEN_UP: Duration = Duration::from_secs(5 * 24 * 60 * 60);

pub(super) struct Inner {
    route: Route,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    mails: VecDeque<Waiting>,
    // Not before: somebody has just failed. `None`: the server is well, as far as one knows.
    next_try: Option<Instant>,
    is_sending: bool,
    is_started: bool,
    end: End,
    // `waiting` is counted when somebody asks.
    counts: MailStats,
}

/// What is still to come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum End {
    #[default]
    NotYet,
    /// Nothing more: the handler is gone.
    Detached,
    /// Nothing more, and there is no time.
    Closed,
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
        inner.route.shared.outboxes.add(&inner);
        Self { inner }
    }

    /// Takes what an earlier process left behind, as much as there is room for.
    pub(super) fn recover(&self) -> Result<(), HandlerError> {
        let Some(spool) = &self.inner.route.spool else { return Ok(()) };
        let left = spool.left_behind(self.inner.route.capacity)?;
        for (files, what) in [(left.unreadable, "cannot be read"), (left.untouched, "are for another start")] {
            if files > 0 {
                self.inner.say(&format!("{files} files of mails that wait {what}"));
            }
        }
        let mails = left.mails.into_iter().map(|(mail, stored)| Waiting { mail, stored: Some(stored) });
        self.inner.recover(mails.collect())
    }

    /// Takes a mail. Waits for nothing but its own disk. A summary stands for many records, and finds room longer.
    pub(super) fn push(&self, mail: Mail, is_summary: bool) -> Result<(), HandlerError> {
        let capacity = self.inner.route.capacity.saturating_mul(if is_summary { 2 } else { 1 });
        lock(&self.inner.state).has_room(capacity)?;
        // Whoever asks for the counters must not wait for the disk.
        let waiting = self.inner.waiting(mail);
        let mut state = lock(&self.inner.state);
        let taken = state.has_room(capacity).and_then(|()| self.inner.start(&mut state));
        if taken.is_ok() {
            state.mails.push_back(waiting);
            state.counts.accepted += 1;
            self.inner.changed.notify_all();
            return Ok(());
        }
        drop(state);
        waiting.remove();
        taken
    }

    /// What has become of the mails.
    pub(super) fn stats(&self) -> MailStats {
        let state = lock(&self.inner.state);
        MailStats { waiting: state.waiting() as u64, ..state.counts }
    }

    /// Takes nothing more, and gives what waits a last chance. Waits for nothing.
    pub(super) fn close(&self) {
        self.inner.end(End::Closed);
    }

    /// Whether every mail was tried by then, or waits for its server.
    pub(super) fn wait(&self, deadline: Instant) -> bool {
        Awaited::wait(&*self.inner, deadline)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.inner.end(End::Detached);
        self.inner.hand_over();
    }
}

impl Waiting {
    fn remove(self) {
        if let Some(stored) = self.stored {
            stored.remove();
        }
    }
}

impl State {
    fn has_room(&self, capacity: usize) -> Result<(), HandlerError> {
        if self.end != End::NotYet {
            return Err(HandlerError::Closed);
        }
        if self.waiting() < capacity { Ok(()) } else { Err(HandlerError::Full) }
    }

    fn waiting(&self) -> usize {
        self.mails.len() + usize::from(self.is_sending)
    }
}

impl Inner {
    fn end(&self, end: End) {
        let mut state = lock(&self.state);
        // Who is closed stays so.
        if state.end != End::Closed {
            state.end = end;
        }
        self.changed.notify_all();
    }

    /// Those of an earlier process, or of the handler before.
    fn recover(self: &Arc<Self>, mails: Vec<Waiting>) -> Result<(), HandlerError> {
        if mails.is_empty() {
            return Ok(());
        }
        let mut state = lock(&self.state);
        state.counts.recovered += mails.len() as u64;
        state.mails.extend(mails);
        self.changed.notify_all();
        self.start(&mut state)
    }

    /// What waits goes to the handler of the same name that holds now, if there is one.
    fn hand_over(&self) {
        let Some(successor) = self.route.shared.outboxes.successor_of(self) else { return };
        // Nobody asks for the counters of a handler that is gone.
        let mails: Vec<_> = lock(&self.state).mails.drain(..).collect();
        if let Err(error) = successor.recover(mails) {
            self.say(&format!("mails wait without a thread: {error}"));
        }
    }

    /// Whether it could take what another one of its name leaves.
    pub(super) fn succeeds(&self, other: &Self) -> bool {
        !std::ptr::eq(self, other) && self.route.handler == other.route.handler && lock(&self.state).end == End::NotYet
    }

    fn waiting(&self, mail: Mail) -> Waiting {
        let stored = self.route.spool.as_ref().and_then(|spool| {
            let stored = spool.store(&mail);
            stored.inspect_err(|error| self.say(&format!("a mail waits in memory alone: {error}"))).ok()
        });
        Waiting { mail, stored }
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
                false if is_due || state.end == End::Closed => self.send_first(state),
                true if state.end != End::NotYet => break,
                true => self.pause(state, None),
                false => self.pause(state, pause),
            };
        }
        state.is_started = false;
        self.changed.notify_all();
    }

    fn pause<'a>(&self, state: MutexGuard<'a, State>, within: Option<Duration>) -> MutexGuard<'a, State> {
        match within {
            Some(within) => self.changed.wait_timeout(state, within).unwrap_or_else(PoisonError::into_inner).0,
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Tries the first mail. The lock is not held meanwhile.
    fn send_first<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let Some(first) = state.mails.pop_front() else { return state };
        state.is_sending = true;
        drop(state);
        let sent = catch_unwind(AssertUnwindSafe(|| self.route.backend.send(&first.mail)));
        let sent = sent.unwrap_or_else(|_| Err(MailError::Refused("the backend panicked".into())));
        let next = self.after(first, sent);
        let mut state = lock(&self.state);
        state.is_sending = false;
        match next {
            Next::Delivered => state.delivered(),
            Next::Split(alone) => {
                state.counts.accepted += alone.len() as u64 - 1;
                alone.into_iter().rev().for_each(|waiting| state.mails.push_front(waiting));
            }
            Next::Lost => state.counts.lost += 1,
            Next::Again(first, error) => self.put_off(&mut state, first, &error),
        }
        let is_detached = state.end == End::Detached;
        self.changed.notify_all();
        if is_detached && !state.mails.is_empty() {
            drop(state);
            self.hand_over();
            return lock(&self.state);
        }
        state
    }

    /// What becomes of a mail that was tried.
    fn after(&self, first: Waiting, sent: Result<(), MailError>) -> Next {
        let Err(error) = sent else {
            first.remove();
            return Next::Delivered;
        };
        // One who is refused, for now or for ever, must not keep the mail from the others.
        let alone = first.mail.one_by_one().filter(|_| error.is_about_recipients());
        if let Some(alone) = alone {
            let alone = alone.into_iter().map(|mail| self.waiting(mail)).collect();
            first.remove();
            return Next::Split(alone);
        }
        if error.is_permanent() || is_old(&first.mail) {
            self.say(&format!("a mail is lost: {error}"));
            first.remove();
            return Next::Lost;
        }
        Next::Again(first, error)
    }

    /// To the end of the line: a mail that nobody can take must not keep others.
    fn put_off(&self, state: &mut State, first: Waiting, error: &MailError) {
        state.mails.push_back(first);
        if state.end == End::Closed {
            // Others have their chance unless there is nobody to take them.
            let others = if error.is_about_one_mail() { state.mails.len() - 1 } else { 0 };
            self.leave(state, others, error);
            return;
        }
        if state.next_try.is_none() {
            let retry = self.route.retry;
            self.say(&format!("mails wait, and are tried again every {retry:?}: {error}"));
        }
        state.next_try = Some(Instant::now() + self.route.retry);
    }

    /// All but the first `keeping` will not be sent by this process.
    fn leave(&self, state: &mut State, keeping: usize, error: &MailError) {
        let left = state.mails.split_off(keeping);
        let lost = left.iter().filter(|waiting| waiting.stored.is_none()).count();
        let kept = left.len() - lost;
        state.counts.lost += lost as u64;
        state.counts.left += kept as u64;
        self.say(&format!("{lost} mails are lost, {kept} are left to the next process: {error}"));
    }
}

/// What becomes of a mail that was tried.
enum Next {
    Delivered,
    /// For each recipient alone.
    Split(Vec<Waiting>),
    Lost,
    Again(Waiting, MailError),
}

impl State {
    fn delivered(&mut self) {
        self.counts.delivered += 1;
        // The server is well.
        self.next_try = None;
    }
}

fn is_old(mail: &Mail) -> bool {
    mail.created.elapsed().is_ok_and(|age| age > GIVEN_UP)
}

impl Awaited for Inner {
    fn wait(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| {
            let is_at_rest = state.mails.is_empty() || state.next_try.is_some();
            is_at_rest && !state.is_sending
        })
    }

    fn end(&self) {
        Inner::end(self, End::Closed);
    }

    fn has_ended(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| !state.is_started)
    }
}

impl Inner {
    fn wait_until(&self, deadline: Instant, is_so: impl Fn(&State) -> bool) -> bool {
        let mut state = lock(&self.state);
        while !is_so(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.pause(state, Some(left));
        }
        true
    }
}
