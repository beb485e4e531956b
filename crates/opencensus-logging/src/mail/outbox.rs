//! Mails that wait for the mail server, and the thread that sends them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::background::Drain;
use crate::handler_error::HandlerError;
use crate::handler_stats::MailStats;
use crate::lock::lock;
use crate::mail::outboxes::{Outboxes, Successor};
use crate::mail::queued_mail::QueuedMail;
use crate::mail::spool::Spool;
use crate::mail::{Mail, MailError, SharedBackend};
use crate::reentrancy::ReentrancyGuard;
use crate::shared::Shared;

/// Mails that wait for the mail server. A thread, which starts with the first mail, sends them one after the other.
/// When a configuration replaces the handler, the waiting mails go to the new handler of the same name; without one,
/// this outbox still delivers them. At the end of the program each mail is tried once more.
pub(crate) struct Outbox {
    inner: Arc<Inner>,
}

/// The settings of an outbox.
pub(super) struct OutboxOptions {
    /// The handler's name.
    pub(super) handler: String,
    pub(super) backend: SharedBackend,
    /// The time between a failure and the next attempt.
    pub(super) retry: Duration,
    /// The most mails that wait.
    pub(super) capacity: usize,
    /// The folder in which mails survive the process.
    pub(super) spool: Option<Spool>,
    pub(super) outboxes: Arc<Outboxes>,
    pub(super) shared: Arc<Shared>,
}

/// The age at which a mail is given up: RFC 5321, section 4.5.4.1.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 24 * 60 * 60);

struct Inner {
    options: OutboxOptions,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    mails: VecDeque<QueuedMail>,
    // The next attempt after a failure. `None`: the last attempt succeeded.
    next_try: Option<Instant>,
    is_sending: bool,
    // The process that runs the thread. `None`: there is no thread.
    started_in: Option<u32>,
    stage: Stage,
    // Without `waiting`, which is counted on demand.
    counts: MailStats,
}

/// The stage of an outbox's life.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Stage {
    #[default]
    Open,
    /// Accepts no more mails: the handler was replaced.
    Detached,
    /// Accepts no more mails, and tries each one only once more.
    Closed,
}

impl Outbox {
    pub(super) fn new(options: OutboxOptions) -> Self {
        let inner = Arc::new(Inner { options, state: Mutex::default(), changed: Condvar::new() });
        let drain: Arc<dyn Drain> = Arc::clone(&inner) as _;
        inner.options.shared.backlog.add(&drain);
        let successor: Arc<dyn Successor> = Arc::clone(&inner) as _;
        inner.options.outboxes.add(&successor);
        Self { inner }
    }

    /// Takes over mails of earlier processes, as far as there is room.
    pub(super) fn recover(&self) -> Result<(), HandlerError> {
        let Some(spool) = &self.inner.options.spool else { return Ok(()) };
        let left = spool.take_over(self.inner.options.capacity)?;
        lock(&self.inner.state).counts.refused_files += left.unreadable as u64;
        for (files, state) in [(left.unreadable, "cannot be read"), (left.skipped, "are left for a later start")] {
            if files > 0 {
                self.inner.report(&format!("{files} files of waiting mails {state}"));
            }
        }
        let mails = left.mails.into_iter().map(|(mail, stored)| QueuedMail { mail, stored: Some(stored) });
        Arc::clone(&self.inner).take_over(mails.collect())
    }

    /// Queues a mail, and waits only for the spool folder's disk. A summary stands for many records: there is room for
    /// it in a queue that is full for other mails.
    pub(super) fn push(&self, mail: Mail, is_summary: bool) -> Result<(), HandlerError> {
        let capacity = self.inner.options.capacity.saturating_mul(if is_summary { 2 } else { 1 });
        lock(&self.inner.state).leave_to_parent();
        lock(&self.inner.state).has_room(capacity)?;
        // The lock is not held while the disk is written to.
        let queued = self.inner.queued(mail);
        let mut state = lock(&self.inner.state);
        let accepted = state.has_room(capacity).and_then(|()| self.inner.start(&mut state));
        if accepted.is_ok() {
            state.mails.push_back(queued);
            state.counts.accepted += 1;
            self.inner.changed.notify_all();
            return Ok(());
        }
        drop(state);
        queued.remove();
        accepted
    }

    /// Counts of the mails.
    pub(super) fn stats(&self) -> MailStats {
        let state = lock(&self.inner.state);
        MailStats { waiting: state.waiting() as u64, ..state.counts }
    }

    /// Accepts no more mails, and tries the waiting ones once more. Does not wait for that.
    pub(super) fn close(&self) {
        self.inner.end(Stage::Closed);
    }

    /// Waits until an attempt was made for each mail, or it waits for the server. `false`: the deadline passed before.
    pub(super) fn wait(&self, deadline: Instant) -> bool {
        self.inner.wait_drained(deadline)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.inner.end(Stage::Detached);
        self.inner.hand_over();
    }
}

impl State {
    /// In a child that the process has forked, which has no thread of its parent: leaves the waiting mails to the
    /// parent.
    fn leave_to_parent(&mut self) {
        if self.started_in.is_some_and(|process| process != process::id()) {
            *self = Self { stage: self.stage, ..Self::default() };
        }
    }

    fn has_room(&self, capacity: usize) -> Result<(), HandlerError> {
        if self.stage != Stage::Open {
            return Err(HandlerError::Closed);
        }
        if self.waiting() < capacity { Ok(()) } else { Err(HandlerError::Full) }
    }

    fn waiting(&self) -> usize {
        self.mails.len() + usize::from(self.is_sending)
    }
}

impl Inner {
    fn end(&self, stage: Stage) {
        let mut state = lock(&self.state);
        state.leave_to_parent();
        if state.stage != Stage::Closed {
            state.stage = stage;
        }
        self.changed.notify_all();
    }

    /// Passes the waiting mails to the current handler of the same name, if there is one.
    fn hand_over(&self) {
        // This outbox is not open any more: the successor is another one.
        let Some(successor) = self.options.outboxes.successor(&self.options.handler) else { return };
        // The counts of a replaced handler are not read any more.
        let mails: Vec<_> = lock(&self.state).mails.drain(..).collect();
        if let Err(error) = successor.take_over(mails) {
            self.report(&format!("waiting mails have no thread: {error}"));
        }
    }

    /// Stores the mail in the spool folder, if there is one.
    fn queued(&self, mail: Mail) -> QueuedMail {
        let stored = self.options.spool.as_ref().and_then(|spool| {
            let stored = spool.store(&mail);
            stored.inspect_err(|error| self.report(&format!("a mail waits only in memory: {error}"))).ok()
        });
        QueuedMail { mail, stored }
    }

    fn report(&self, text: &str) {
        self.options.shared.diagnostics.log(text);
    }

    fn start(self: &Arc<Self>, state: &mut State) -> Result<(), HandlerError> {
        if state.started_in.is_some() {
            return Ok(());
        }
        let inner = Arc::clone(self);
        let work = move || {
            // Records that a backend logs on this thread would come back to it.
            let _guard = ReentrancyGuard::enter();
            inner.work();
        };
        thread::Builder::new().name("log-mail".to_owned()).spawn(work)?;
        state.started_in = Some(process::id());
        Ok(())
    }

    fn work(&self) {
        let mut state = lock(&self.state);
        loop {
            let pause = state.next_try.map(|at| at.saturating_duration_since(Instant::now()));
            let is_due = pause.is_none_or(|pause| pause.is_zero());
            state = match state.mails.is_empty() {
                false if is_due || state.stage == Stage::Closed => self.send_first(state),
                true if state.stage != Stage::Open => break,
                true => self.pause(state, None),
                false => self.pause(state, pause),
            };
        }
        state.started_in = None;
        self.changed.notify_all();
    }

    fn pause<'a>(&self, state: MutexGuard<'a, State>, within: Option<Duration>) -> MutexGuard<'a, State> {
        match within {
            Some(within) => self.changed.wait_timeout(state, within).unwrap_or_else(PoisonError::into_inner).0,
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Sends the first mail. The lock is not held meanwhile.
    fn send_first<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let Some(first) = state.mails.pop_front() else { return state };
        state.is_sending = true;
        drop(state);
        let sent = catch_unwind(AssertUnwindSafe(|| self.options.backend.send(&first.mail)));
        let sent = sent.unwrap_or_else(|_| Err(MailError::Refused("the backend panicked".into())));
        let next = self.after(first, sent);
        let mut state = lock(&self.state);
        state.is_sending = false;
        match next {
            Next::Delivered => state.delivered(),
            Next::Split(parts) => {
                state.counts.accepted += parts.len() as u64 - 1;
                parts.into_iter().rev().for_each(|part| state.mails.push_front(part));
            }
            Next::Lost => state.counts.lost += 1,
            Next::Again(first, error) => self.postpone(&mut state, first, &error),
        }
        let is_detached = state.stage == Stage::Detached;
        self.changed.notify_all();
        if is_detached && !state.mails.is_empty() {
            drop(state);
            self.hand_over();
            return lock(&self.state);
        }
        state
    }

    /// Decides about a mail after an attempt.
    fn after(&self, first: QueuedMail, sent: Result<(), MailError>) -> Next {
        let Err(error) = sent else {
            first.remove();
            return Next::Delivered;
        };
        // If the server rejects one recipient, the others must still receive the mail.
        let parts = first.mail.for_each_recipient().filter(|_| error.is_about_recipients());
        if let Some(parts) = parts {
            let parts = parts.into_iter().map(|mail| self.queued(mail)).collect();
            first.remove();
            return Next::Split(parts);
        }
        if error.is_permanent() || is_old(&first.mail) {
            self.report(&format!("a mail is lost: {error}"));
            first.remove();
            return Next::Lost;
        }
        Next::Again(first, error)
    }

    /// Moves the mail to the end of the queue, where it does not delay other mails.
    fn postpone(&self, state: &mut State, first: QueuedMail, error: &MailError) {
        state.mails.push_back(first);
        if state.stage == Stage::Closed {
            // Other mails are tried as well, unless the server is unreachable.
            let others = if error.is_about_one_mail() { state.mails.len() - 1 } else { 0 };
            self.give_up(state, others, error);
            return;
        }
        if state.next_try.is_none() {
            let retry = self.options.retry;
            self.report(&format!("mails wait, and are tried again every {retry:?}: {error}"));
        }
        state.next_try = Some(Instant::now() + self.options.retry);
    }

    /// Gives up all but the first `keeping` mails. Those with a file are left for the next process.
    fn give_up(&self, state: &mut State, keeping: usize, error: &MailError) {
        let left = state.mails.split_off(keeping);
        let lost = left.iter().filter(|queued| queued.stored.is_none()).count();
        let kept = left.len() - lost;
        state.counts.lost += lost as u64;
        state.counts.stored += kept as u64;
        self.report(&format!("mails lost: {lost}, left for the next process: {kept}; {error}"));
    }
}

/// The decision about a mail after an attempt.
enum Next {
    Delivered,
    /// Sent to each recipient by itself.
    Split(Vec<QueuedMail>),
    Lost,
    Again(QueuedMail, MailError),
}

impl State {
    fn delivered(&mut self) {
        self.counts.delivered += 1;
        self.next_try = None;
    }
}

fn is_old(mail: &Mail) -> bool {
    mail.created.elapsed().is_ok_and(|age| age > LONGEST_WAIT)
}

impl Successor for Inner {
    fn accepts(&self, handler: &str) -> bool {
        self.options.handler == handler && lock(&self.state).stage == Stage::Open
    }

    fn take_over(self: Arc<Self>, mails: Vec<QueuedMail>) -> Result<(), HandlerError> {
        if mails.is_empty() {
            return Ok(());
        }
        let mut state = lock(&self.state);
        state.counts.recovered += mails.len() as u64;
        state.mails.extend(mails);
        self.changed.notify_all();
        self.start(&mut state)
    }
}

impl Drain for Inner {
    fn wait_drained(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| {
            let is_at_rest = state.mails.is_empty() || state.next_try.is_some();
            is_at_rest && !state.is_sending
        })
    }

    fn stop(&self) {
        self.end(Stage::Closed);
    }

    fn wait_stopped(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| state.started_in.is_none())
    }
}

impl Inner {
    fn wait_until(&self, deadline: Instant, is_reached: impl Fn(&State) -> bool) -> bool {
        let mut state = lock(&self.state);
        state.leave_to_parent();
        while !is_reached(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.pause(state, Some(left));
        }
        true
    }
}
